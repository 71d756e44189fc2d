import type { RatioStats } from '../../../core/report/ratio-stats.ts'
import type { LineReport, RankingReport, ReportData, SplitRow } from '../../../services/report/report-data.ts'

const histogram = (...filled: [bin: number, count: number][]): number[] => {
  const bins = new Array<number>(50).fill(0)
  for (const [bin, count] of filled) bins[bin] = count
  return bins
}

/** A distribution of ten candidates around a mean. */
export const exampleStats = (mean: number | null, given: Partial<RatioStats> = {}): RatioStats => ({
  mean,
  counted: mean === null ? 0 : 10,
  notApplicable: mean === null ? 10 : 0,
  histogram: mean === null ? histogram() : histogram([Math.min(49, Math.floor(mean * 50)), 10]),
  ...given,
})

/** A split of ten conversations, all examples and kept. */
export const exampleSplit = (given: Partial<SplitRow> = {}): SplitRow => ({
  split: 's1k',
  ranked: 10,
  examples: 10,
  kept: 10,
  lrAll: { mean: 0.8, counted: 10 },
  scrAll: { mean: 0.95, counted: 10 },
  meanTurns: 2,
  meanTokens: 100,
  ...given,
})

/** A ranking of two candidates with one split. */
export const exampleRanking = (given: Partial<RankingReport> = {}): RankingReport => ({
  ranking: 'release',
  candidates: ['seedx', 'gemma3'],
  gates: ['complete', 'lr >= 0.4'],
  pseudo: false,
  ranked: 10,
  kept: 10,
  keptTokens: 1000,
  splits: [exampleSplit()],
  lr: { mean: 0.81, counted: 10 },
  scr: { mean: 0.94, counted: 10 },
  medianTurns: 2,
  p95Tokens: 180,
  meanTokensRendered: 120,
  dropped: [],
  winners: [
    { line: 'seedx', won: 6, kept: 6 },
    { line: 'gemma3', won: 4, kept: 4 },
  ],
  ...given,
})

/** A line that translated ten conversations without a loss. */
export const exampleLine = (given: Partial<LineReport> = {}): LineReport => ({
  line: 'seedx',
  backend: 'openai',
  model: 'seed-x',
  chunking: 'tokens490',
  pseudo: false,
  conversations: 10,
  inLine: 10,
  complete: 10,
  chunks: { translated: 30, kept: 5, failed: 0, skipped: 0, holes: 0 },
  failures: [],
  skips: [],
  refused: [],
  sums: {
    calls: 30,
    fromMemory: 0,
    promptTokens: 3000,
    completionTokens: 4000,
    costUsd: 1.5,
    paidUsd: 1.5,
    unpriced: 0,
  },
  lr: exampleStats(0.8),
  scr: exampleStats(0.93),
  lrAll: { mean: 0.79, counted: 10 },
  scrAll: { mean: 0.9, counted: 10 },
  tokens: { 5: 40, 25: 60, 50: 90, 75: 140, 95: 200, 99: 300, 100: 400 },
  splits: [{ split: 's1k', candidates: 10, lr: { mean: 0.8, counted: 10 }, scr: { mean: 0.93, counted: 10 } }],
  flagged: [],
  ...given,
})

/** A report of ten conversations, two translators and one ranking, in which nothing went wrong. */
export const exampleReport = (given: Partial<ReportData> = {}): ReportData => ({
  pipeline: 'smolkalam',
  language: 'ar',
  version: '0.1.0',
  at: '2026-03-14T06:12:00.000Z',
  underWay: false,
  conversations: 10,
  rankings: [exampleRanking()],
  lines: [exampleLine(), exampleLine({ line: 'gemma3', model: 'gemma-3-27b-it', chunking: 'lines25' })],
  spent: { usd: 3, savedUsd: 0 },
  edited: [],
  failedQuery: "SELECT id, line, reason FROM v_chunks WHERE status = 'failed'",
  files: [{ source: 'smol', file: 's1k.jsonl', rows: 10, selected: 10, dropped: 0, bad: 0, done: true }],
  badRows: [],
  badRowReasons: [],
  saved: [],
  savedConversations: 0,
  ...given,
})
