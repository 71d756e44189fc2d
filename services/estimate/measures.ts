import type { TranslateAnswer } from '../translate/translator.ts'
import type { Refusals } from './earlier-runs.ts'
import { about, type Range } from './range.ts'

/** What the answers in the memory tell about a line, where sampled texts were answered before. */
export interface LineMeasures {
  /** Sampled first requests that were answered. */
  firsts: number
  /** Segments whose answers were checked again, and the further requests that followed theirs. */
  checked: number
  further: number
  /** Tokens of the first requests by the chunking's tokenizer, and as the server told. */
  ours: { prompt: number; text: number }
  theirs: { prompt: number; completion: number }
}

/** Measures of nothing. */
export const noMeasures = (): LineMeasures => ({
  ...{ firsts: 0, checked: 0, further: 0 },
  ...{ ours: { prompt: 0, text: 0 }, theirs: { prompt: 0, completion: 0 } },
})

/**
 * What tells about a split: its own measures where they are enough, else those of all splits that have something left to pay, which
 * others may differ from.
 */
export const measuresFor = (
  ofSplits: ReadonlyMap<string, LineMeasures>,
  split: string,
  unpaid: readonly string[],
): LineMeasures => {
  const own = ofSplits.get(split) ?? noMeasures()
  if (own.firsts >= least.firsts && own.checked >= least.checked) return own
  return [...new Set(unpaid)].reduce(
    (sum, name) => sumOfMeasures(sum, ofSplits.get(name) ?? noMeasures()),
    noMeasures(),
  )
}

const sumOfMeasures = (a: LineMeasures, b: LineMeasures): LineMeasures => ({
  ...{ firsts: a.firsts + b.firsts, checked: a.checked + b.checked, further: a.further + b.further },
  ours: { prompt: a.ours.prompt + b.ours.prompt, text: a.ours.text + b.ours.text },
  theirs: {
    prompt: a.theirs.prompt + b.theirs.prompt,
    completion: a.theirs.completion + b.theirs.completion,
  },
})

/** What a model's answers in the memory took, whatever they were asked for. */
export interface ModelMeasures {
  answers: number
  promptTokens: number
  completionTokens: number
  latencyMs: number
  /** Dollars of the answers whose cost is known, and the tokens of these. */
  usd: number
  pricedTokens: number
}

/** Sums over answers, by model. */
export const modelMeasures = (answers: Iterable<TranslateAnswer>): Map<string, ModelMeasures> => {
  const models = new Map<string, ModelMeasures>()
  for (const { usage } of answers) {
    const { model, prompt_tokens: prompt, completion_tokens: completion, latency_ms: latency, cost_usd: usd } = usage
    const sums = models.get(model) ?? {
      ...{ answers: 0, promptTokens: 0, completionTokens: 0, latencyMs: 0, usd: 0, pricedTokens: 0 },
    }
    models.set(model, sums)
    sums.answers++
    sums.promptTokens += prompt
    sums.completionTokens += completion
    sums.latencyMs += latency
    sums.usd += usd ?? 0
    if (usd !== null && usd > 0) sums.pricedTokens += prompt + completion
  }
  return models
}

/** What is taken for granted as long as nothing is measured. */
export const defaults = {
  /** Tokens of an Arabic answer per token of its English text, over the tokenizers of common models. */
  answerRatio: { low: 1, high: 1.9 },
  /** Further attempts per first request. */
  retries: { low: 0, high: 0.08 },
  /** A count by another tokenizer than the model's: against one that is shipped, against the model's own file. */
  promptFactor: { shipped: { low: 0.85, high: 1.2 }, own: { low: 0.98, high: 1.02 } },
  /** Tokens of answers per second of one call, and seconds until its first. */
  tokensPerCallSecond: { low: 20, high: 80 },
  firstTokenSeconds: { low: 0.3, high: 2 },
} as const

/** Fewer answers than these are no measure. */
const least = { firsts: 50, checked: 200, answers: 200 }

/** What is to be expected of a line's calls. */
export interface Expected {
  promptFactor: Range
  answerRatio: Range
  retries: Range
  /** Seconds of one call, where they were measured. */
  callSeconds: Range | undefined
  /** Dollars per token of prompts and answers together, where no price is set and answers told their cost. */
  usdPerToken: Range | undefined
  /** Which of them were measured. */
  measured: string[]
}

/** Further attempts are few, so that their share is known badly. */
const around = (share: number): Range => ({ low: share * 0.7, high: share * 1.3 + 0.01 })

/** Measures where there are enough, else what is taken for granted. */
export const expectedOf = (
  line: LineMeasures,
  model: ModelMeasures | undefined,
  { tokenizer, overhead, earlier }: { tokenizer: string; overhead: number; earlier?: Refusals | undefined },
): Expected => {
  const { firsts, checked, further, ours, theirs } = line
  const measured: string[] = []
  const take = <Value>(name: string, isEnough: boolean, value: () => Value, otherwise: Value): Value => {
    if (!isEnough) return otherwise
    measured.push(name)
    return value()
  }
  const byDefault = defaults.promptFactor[tokenizer === 'llama3.1' ? 'shipped' : 'own']
  const earlierCalls = earlier && earlier.calls > earlier.refused ? earlier.calls : 0
  const many = model !== undefined && model.answers >= least.answers
  const text = model ? model.promptTokens - model.answers * overhead : 0
  const overAll = take<Range>(
    'answer tokens',
    many && text > 0 && firsts < least.firsts,
    () => about(model!.completionTokens / text, 0.15),
    defaults.answerRatio,
  )
  return {
    promptFactor: take<Range>(
      'prompt tokens',
      firsts >= least.firsts && theirs.prompt > 0,
      () => about(theirs.prompt / ours.prompt, 0.02),
      byDefault,
    ),
    answerRatio: take<Range>(
      'answer tokens',
      firsts >= least.firsts && theirs.completion > 0,
      () => about(theirs.completion / ours.text, 0.06),
      overAll,
    ),
    retries: take<Range>(
      'further attempts',
      checked >= least.checked || earlierCalls >= least.checked,
      () => around(checked >= least.checked ? further / checked : earlier!.refused / (earlierCalls - earlier!.refused)),
      defaults.retries,
    ),
    callSeconds: take<Range | undefined>(
      'time per call',
      many && model.latencyMs > 0,
      () => about(model!.latencyMs / model!.answers / 1000, 0.2),
      undefined,
    ),
    usdPerToken: take<Range | undefined>(
      'cost per token',
      many && model.pricedTokens > 0,
      () => about(model!.usd / model!.pricedTokens, 0.05),
      undefined,
    ),
    measured,
  }
}
