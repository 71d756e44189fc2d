import { type Mean, weightedMean } from './ratio-stats.ts'

/** What the overall summary needs of a split's row; rows of a report and of printed tables have it. */
export interface OverallRow {
  examples: number
  lrAll: Mean
  scrAll: Mean
  meanTurns: number
  meanTokens: number
}

/** The summary of a configuration as in section 4.1 of the SmolKalam paper. */
export interface Overall {
  examples: number
  lrAll: Mean
  scrAll: Mean
  /** Weighted mean; the paper calls it the median. */
  meanTurns: number
  tokens: number
  meanTokens: number
}

/** Sums and example-weighted means over the rows of a configuration's splits; means of no examples are 0. */
export function overall(rows: readonly OverallRow[]): Overall {
  const examples = rows.reduce((sum, row) => sum + row.examples, 0)
  const tokens = rows.reduce((sum, row) => sum + row.examples * row.meanTokens, 0)
  return {
    examples,
    lrAll: weightedMean(rows.map((row) => row.lrAll)),
    scrAll: weightedMean(rows.map((row) => row.scrAll)),
    meanTurns: weightedMean(rows.map((row) => ({ mean: row.meanTurns, counted: row.examples }))).mean ?? 0,
    tokens,
    meanTokens: examples === 0 ? 0 : tokens / examples,
  }
}
