import { quantileSketch } from './quantile-sketch.ts'
import { type RatioStats, ratioAccumulator } from './ratio-stats.ts'

/** One conversation of a configuration (a ranking), as reports count it. */
export interface ReportExample {
  configuration: string
  split: string
  turns: number
  /** Of message contents. */
  tokens: number
  /** With template and tool schemas. */
  tokensRendered: number
  /** Over translated parts; null = not applicable. */
  lr: number | null
  scr: number | null
  /** Over whole contents, as in the paper's tables. */
  lrAll: number | null
  scrAll: number | null
}

/** What is said about the examples of one split, or of all splits, of a configuration. */
export interface SplitRow {
  configuration: string
  /** Null = all splits. */
  split: string | null
  examples: number
  lr: RatioStats
  scr: RatioStats
  lrAll: RatioStats
  scrAll: RatioStats
  meanTurns: number
  /** Exact; the mean of the middle two when their number is even. */
  medianTurns: number
  tokens: number
  meanTokens: number
  /** Within 1 %. */
  p95Tokens: number
  tokensRendered: number
  meanTokensRendered: number
}

/** Sums up examples in memory that grows with the number of splits alone. */
export interface SplitSummary {
  add(example: ReportExample): void
  /** One row per configuration and split, in the order of their names. */
  rows(): SplitRow[]
  /** One row per configuration over all its examples, in the order of their names. */
  totals(): SplitRow[]
}

/** Makes an empty summary. */
export function splitSummary(): SplitSummary {
  const splits = new Map<string, RowAccumulator>()
  const configurations = new Map<string, RowAccumulator>()
  return {
    add(example) {
      const { configuration, split } = example
      entryOf(splits, JSON.stringify([configuration, split]), () => rowAccumulator(configuration, split)).add(example)
      entryOf(configurations, configuration, () => rowAccumulator(configuration, null)).add(example)
    },
    rows: () => rowsOf(splits),
    totals: () => rowsOf(configurations),
  }
}

interface RowAccumulator {
  add(example: ReportExample): void
  row(): SplitRow
}

function rowAccumulator(configuration: string, split: string | null): RowAccumulator {
  const ratios = {
    lr: ratioAccumulator(),
    scr: ratioAccumulator(),
    lrAll: ratioAccumulator(),
    scrAll: ratioAccumulator(),
  }
  const tokenSketch = quantileSketch()
  const turnCounts = new Map<number, number>()
  const sums = { examples: 0, turns: 0, tokens: 0, tokensRendered: 0 }
  return {
    add(example) {
      sums.examples++
      sums.turns += example.turns
      sums.tokens += example.tokens
      sums.tokensRendered += example.tokensRendered
      tokenSketch.add(example.tokens)
      turnCounts.set(example.turns, (turnCounts.get(example.turns) ?? 0) + 1)
      for (const key of ['lr', 'scr', 'lrAll', 'scrAll'] as const) ratios[key].add(example[key])
    },
    row: () => ({
      configuration,
      split,
      examples: sums.examples,
      lr: ratios.lr.stats(),
      scr: ratios.scr.stats(),
      lrAll: ratios.lrAll.stats(),
      scrAll: ratios.scrAll.stats(),
      meanTurns: sums.turns / sums.examples,
      medianTurns: medianOf(turnCounts, sums.examples),
      tokens: sums.tokens,
      meanTokens: sums.tokens / sums.examples,
      p95Tokens: tokenSketch.quantile(0.95) ?? 0,
      tokensRendered: sums.tokensRendered,
      meanTokensRendered: sums.tokensRendered / sums.examples,
    }),
  }
}

/** The median of values given by how often each occurs, `total` times in all and at least once. */
function medianOf(counts: ReadonlyMap<number, number>, total: number): number {
  const values = Array.from(counts).sort(([a], [b]) => a - b)
  const at = (rank: number): number => {
    let left = rank
    return values.find(([, count]) => {
      left -= count
      return left < 0
    })![0]
  }
  return (at(Math.floor((total - 1) / 2)) + at(Math.floor(total / 2))) / 2
}

function entryOf<T>(map: Map<string, T>, key: string, make: () => T): T {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}

function rowsOf(accumulators: ReadonlyMap<string, RowAccumulator>): SplitRow[] {
  const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
  return Array.from(accumulators.values(), (accumulator) => accumulator.row()).sort(
    (a, b) => compare(a.configuration, b.configuration) || compare(a.split ?? '', b.split ?? ''),
  )
}
