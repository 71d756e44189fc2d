import type { PipelineConfig, TranslatorConfig } from '../config.ts'
import type { Spending } from '../translate/ledger.ts'
import { type BudgetStand, budgetStand } from './budget-stand.ts'
import type { Refusals } from './earlier-runs.ts'
import type { Counted, SplitRows } from './estimate.ts'
import { type AskedLine, overheadOf } from './line-asks.ts'
import { type Cost, costOf, costSum, type Terms, termsOf } from './line-estimate.ts'
import { type Expected, expectedOf, type ModelMeasures, measuresFor } from './measures.ts'
import { type Range, sumOf } from './range.ts'
import { type Receiver, receiversOf } from './receivers.ts'
import type { Tally } from './tally.ts'

/** What is counted of a translator and what it takes, over all of its samples. */
export interface Taken {
  chunks: number
  /** Chunks that are copied without a call. */
  kept: number
  /** Requests that are asked once for several chunks. */
  equal: number
  saved: Tally['saved']
  /** Undefined for translators that call nobody. */
  cost: Cost | undefined
}

/** A translator with what every split takes. */
export interface TranslatorEstimate {
  name: string
  model: string
  samples: number
  slots: number
  receivers: Receiver[]
  splits: (Taken & { split: string })[]
  total: Taken
  /** What was measured with answers in the memory; all else is taken for granted. */
  measured: string[]
  budget: BudgetStand | undefined
}

/** What a run would take, calling nothing. */
export interface Estimate {
  splits: SplitRows[]
  translators: TranslatorEstimate[]
  total: { usd: Range | undefined; seconds: Range; gpuHours: Range | undefined }
}

/** What an estimate knows besides what was counted. */
export interface About {
  config: PipelineConfig
  models: ReadonlyMap<string, ModelMeasures>
  /** What side runs measured, by line. */
  earlier: ReadonlyMap<string, Refusals>
  account(name: string): { spent: Spending; inDoubt: Spending }
  urls(settings: TranslatorConfig & { backend: 'openai' }, name: string): string[]
  budget(settings: TranslatorConfig & { backend: 'openai' }): Partial<Spending>
  gpuTokensPerSecond: number
}

/** Works out what the counted requests take. */
export const estimateOf = (counted: Counted, about: About): Estimate => {
  const names = new Set(counted.lines.map(({ line }) => nameOf(line)))
  const translators = [...names].map((name) => translatorEstimate(name, counted, about))
  const costs = translators.flatMap(({ total }) => total.cost ?? [])
  const { usd, gpuHours } = costSum(costs)
  return { splits: counted.splits, translators, total: { usd, gpuHours, seconds: atOnce(translators, about) } }
}

const nameOf = ({ line, sample }: { line: string; sample: number }): string =>
  sample === 0 ? line : line.slice(0, line.lastIndexOf('-s'))

/** Translators work side by side, but those with the same servers and key share their places. */
const atOnce = (translators: readonly TranslatorEstimate[], { config, urls }: About): Range => {
  const endpoints = new Map<string, Range[]>()
  for (const { name, total } of translators) {
    const settings = config.translators[name]
    if (!total.cost || settings?.backend !== 'openai') continue
    const key = `${urls(settings, name).join()} ${settings.key ?? ''}`
    endpoints.set(key, [...(endpoints.get(key) ?? []), total.cost.seconds])
  }
  const each = [...endpoints.values()].map(sumOf)
  return {
    low: Math.max(0, ...each.map(({ low }) => low)),
    high: Math.max(0, ...each.map(({ high }) => high)),
  }
}

const translatorEstimate = (name: string, counted: Counted, about: About): TranslatorEstimate => {
  const settings = about.config.translators[name]!
  const lines = counted.lines.filter(({ line }) => nameOf(line) === name)
  const urls = settings.backend === 'openai' ? about.urls(settings, name) : []
  const model = settings.backend === 'openai' ? settings.model : ''
  const own = counted.tallies.filter(({ line }) => lines.some((one) => one.line.line === line))
  const unpaid = own.flatMap(({ split, calls }) => (calls.high > 0 ? [split] : []))
  const measured = new Set<string>()
  const splits = [...new Set(own.map(({ split }) => split))].map((split) => {
    const expected = expectedFor(settings, lines[0]!, about, { split, unpaid })
    for (const name of expected?.measured ?? []) measured.add(name)
    const tallies = own.filter((tally) => tally.split === split)
    const { gpuTokensPerSecond } = about
    const terms = expected && termsOf(settings, expected, { gpuTokensPerSecond, servers: urls.length })
    return { split, ...takenBy(tallies, terms) }
  })
  const total = totalOf(splits)
  const budget = settings.backend === 'openai' ? about.budget(settings) : {}
  return {
    ...{ name, model, samples: lines.length, slots: settings.backend === 'openai' ? settings.slots : 0 },
    ...{ receivers: receiversOf(settings, urls), splits, total, measured: [...measured] },
    budget: Object.keys(budget).length > 0 ? budgetStand(budget, about.account(name), total.cost) : undefined,
  }
}

/** What is to be expected of a split's calls; undefined where nobody is called. */
const expectedFor = (
  settings: TranslatorConfig,
  asked: AskedLine,
  { config, models, earlier }: About,
  { split, unpaid }: { split: string; unpaid: readonly string[] },
): Expected | undefined =>
  settings.backend === 'openai'
    ? expectedOf(measuresFor(asked.measures, split, unpaid), models.get(settings.model), {
        tokenizer: config.chunkings[settings.chunking]!.tokenizer,
        overhead: overheadOf(asked),
        earlier: earlier.get(asked.line.line),
      })
    : undefined

const takenBy = (tallies: readonly Tally[], terms: Terms | undefined): Taken => {
  const sum = (of: (tally: Tally) => number) => tallies.reduce((all, tally) => all + of(tally), 0)
  return {
    ...{ chunks: sum(({ chunks }) => chunks), kept: sum(({ kept }) => kept), equal: sum(({ equal }) => equal) },
    saved: savedSum(tallies),
    cost: terms && costSum(tallies.map((tally) => costOf(tally, terms))),
  }
}

const totalOf = (splits: readonly Taken[]): Taken => {
  const sum = (of: (taken: Taken) => number) => splits.reduce((all, taken) => all + of(taken), 0)
  const costs = splits.flatMap(({ cost }) => cost ?? [])
  return {
    ...{ chunks: sum(({ chunks }) => chunks), kept: sum(({ kept }) => kept), equal: sum(({ equal }) => equal) },
    saved: savedSum(splits),
    cost: costs.length > 0 ? costSum(costs) : undefined,
  }
}

const savedSum = (of: readonly { saved: Tally['saved'] }[]): Tally['saved'] =>
  of.reduce(
    (sum, { saved }) => ({
      calls: sum.calls + saved.calls,
      promptTokens: sum.promptTokens + saved.promptTokens,
      completionTokens: sum.completionTokens + saved.completionTokens,
      usd: sum.usd + saved.usd,
    }),
    { calls: 0, promptTokens: 0, completionTokens: 0, usd: 0 },
  )
