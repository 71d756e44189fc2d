import type { TextKind } from '../../core/detectors/text-kind.ts'
import { mask } from '../../core/masking/mask.ts'
import { KalamError } from '../../dataflow/error.ts'
import { peel } from './peel.ts'
import type { ChunkTranslator } from './translate-chunk.ts'
import { type Ask, type SegmentOutcome, translateSegment } from './translate-segment.ts'
import type { TranslateAnswer, TranslateRequest } from './translator.ts'

/** One call of a trial. */
export interface TrialStep {
  attempt: number
  /** The request as it is sent, without the key. */
  request: string
  /** The raw answer; undefined when nothing was called or the call failed. */
  answer?: TranslateAnswer
  /** What detectors say about the raw answer, with what the policy does about it. */
  findings: { reason: string; policy: string }[]
  error?: string
}

/** A text on its way through a translator, step by step. */
export interface Trial {
  text: string
  /** Spans that do not go out, and what of the text does, with their sentinels. */
  spans: { kind: string; text: string }[]
  masked: string
  steps: TrialStep[]
  /** Undefined when nothing was called. */
  outcome?: SegmentOutcome
  /** What stopped it: an error that would make a line wait, or stop. */
  stopped?: unknown
}

/** Where a text comes from. */
export interface TrialPlace {
  id: string
  messageIndex: number
  language: string
}

/**
 * Translates one text as the translate stage does, and keeps what happens on the way, errors too. `dry` calls nothing: it goes as far as
 * the memory has answers, and its last step is the call that would be made.
 */
export const tryText = async (
  line: ChunkTranslator & { target: string },
  text: string,
  { place, dry, signal }: { place: TrialPlace; dry: boolean; signal: AbortSignal },
): Promise<Trial> => {
  const { translator, rules } = line
  const { segment } = peel(text)
  if (segment === '') throw new KalamError('usage', 'trying a text: there is nothing in it')
  const spans = rules.findSpans(segment)
  const masked = mask(segment, spans, 0).text
  const requestOf = (asked: string, attempt: number): TranslateRequest => ({
    ...{ text: asked, sourceLanguage: place.language, targetLanguage: line.target, sample: line.sample, attempt },
    ...{ id: place.id, messageIndex: place.messageIndex },
  })
  const steps: TrialStep[] = []
  const trial: Trial = {
    text,
    spans: spans.map(({ kind, start, end }) => ({ kind, text: segment.slice(start, end) })),
    ...{ masked, steps },
  }
  let isUnknown = false
  const ask: Ask = async (asked, attempt) => {
    const step: TrialStep = { attempt, request: translator.render(requestOf(asked, attempt)), findings: [] }
    steps.push(step)
    try {
      const request = requestOf(asked, attempt)
      const answer =
        (dry ? undefined : translator.translateNow?.(request)) ?? (await translator.translate(request, { signal }))
      step.answer = answer
      return answer
    } catch (thrown) {
      isUnknown = dry && thrown instanceof KalamError && thrown.code === 'no_translation'
      if (!isUnknown) step.error = thrown instanceof Error ? thrown.message : String(thrown)
      throw thrown
    }
  }
  try {
    const outcome = await translateSegment(segment, noting(rules, steps), ask)
    if (!isUnknown) trial.outcome = outcome
  } catch (thrown) {
    trial.stopped = thrown
  }
  return trial
}

/** The same rules, which write down what they find. */
const noting = (rules: ChunkTranslator['rules'], steps: TrialStep[]): ChunkTranslator['rules'] => {
  const note = (reason: string, kind: TextKind) => {
    const policy = rules.policyOf(reason, kind)
    if (!policy) return
    const { first, last } = policy
    steps.at(-1)?.findings.push({ reason, policy: first === last ? first : `${first}, then ${last}` })
  }
  return {
    ...rules,
    hopeless(pair) {
      const found = rules.hopeless(pair)
      if (found) note(found.reason, pair.kind)
      return found
    },
    findings(pair) {
      const found = rules.findings(pair)
      for (const { reason } of found) note(reason, pair.kind)
      return found
    },
  }
}
