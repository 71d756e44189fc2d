import type { OverallRow } from '../../core/report/overall.ts'
import type { Percentiles } from '../../core/report/percentiles.ts'
import type { Mean, RatioStats } from '../../core/report/ratio-stats.ts'

/** One split of one ranking, as in Tables 1 and 2 of the SmolKalam paper: its winners, kept or dropped, are its examples. */
export interface SplitRow extends OverallRow {
  split: string
  /** Conversations with a verdict, those without any candidate too. */
  ranked: number
  kept: number
}

/** A count by reason, most first. */
export interface ReasonCount {
  reason: string
  count: number
}

/** How many conversations a candidate won, and how many of these are kept. */
export interface WinnerCount {
  line: string
  won: number
  kept: number
}

/** One ranking: its verdicts and its winners. */
export interface RankingReport {
  ranking: string
  candidates: string[]
  /** What a winner must pass, as `lr >= 0.4`. */
  gates: string[]
  /** Whether any winner's text is no translation. */
  pseudo: boolean
  /** Conversations with a verdict; one without any candidate has no winner and is in no split's examples. */
  ranked: number
  kept: number
  keptTokens: number
  splits: SplitRow[]
  /** Over translated parts, as gates and scores use them. */
  lr: Mean
  scr: Mean
  medianTurns: number
  p95Tokens: number
  /** With template and tool schemas. */
  meanTokensRendered: number
  /** By the first reason. */
  dropped: ReasonCount[]
  winners: WinnerCount[]
}

/** One split of one translator line, over translated parts. */
export interface LineSplit {
  split: string
  candidates: number
  lr: Mean
  scr: Mean
}

/** Where the chunks of a line ended. */
export interface ChunkEnds {
  translated: number
  kept: number
  failed: number
  skipped: number
  /** Chunks without an end; null while conversations are still under way. */
  holes: number | null
}

/** What a line's answers took, those too that came from the memory. */
export interface CallSums {
  calls: number
  fromMemory: number
  promptTokens: number
  completionTokens: number
  /** Null = no answer told its price. */
  costUsd: number | null
  /** Of those that were paid when they were asked for. */
  paidUsd: number | null
  /** Answers that told no price. */
  unpriced: number
}

/** What was paid, live or not any more, and what answers that others paid would have cost. */
export interface Spent {
  /** Null = no answer told its price. */
  usd: number | null
  savedUsd: number
}

/** One translator line. */
export interface LineReport {
  line: string
  backend: string
  /** As configured; empty where the backend has none. */
  model: string
  chunking: string
  pseudo: boolean
  /** Conversations that have gone through it, and how many of them its splits take in. */
  conversations: number
  inLine: number
  complete: number
  chunks: ChunkEnds
  failures: ReasonCount[]
  skips: ReasonCount[]
  /** Answers that were refused, whether a later one was good or not. */
  refused: ReasonCount[]
  sums: CallSums
  /** Per candidate in line, over translated parts. */
  lr: RatioStats
  scr: RatioStats
  /** Over whole contents. */
  lrAll: Mean
  scrAll: Mean
  /** Tokens of contents per candidate; null when there is none. */
  tokens: Percentiles | null
  splits: LineSplit[]
  /** Candidates with a finding of a kind. */
  flagged: ReasonCount[]
}

/** One file of a source. */
export interface FileReport {
  source: string
  file: string
  rows: number
  selected: number
  dropped: number
  bad: number
  done: boolean
}

/** A row or record that did not come in or on. */
export interface BadRowReport {
  stage: string
  file: string
  line: number
  reason: string
  detail: string
}

/** Everything a report shows. */
export interface ReportData {
  pipeline: string
  language: string
  version: string
  /** ISO time. */
  at: string
  /** Whether records still wait somewhere, so that the figures are not final. */
  underWay: boolean
  conversations: number
  rankings: RankingReport[]
  /** In the order of pipeline.yaml: the first two have the report's colours. */
  lines: LineReport[]
  spent: Spent
  /** Lines that pipeline.yaml has with other settings than those the figures come from. */
  edited: string[]
  /** Lists the failed chunks of these lines. */
  failedQuery: string
  files: FileReport[]
  /** The first ones. */
  badRows: BadRowReport[]
  badRowReasons: ReasonCount[]
  /** Conversations that one line lost and another has whole, by pairs of lines: one may stand in several. */
  saved: { lost: string; by: string; count: number }[]
  /** The same, each counted once. */
  savedConversations: number
}

/** How many rows or records did not come in or on. */
export const badRowCount = ({ badRowReasons }: ReportData): number =>
  badRowReasons.reduce((sum, { count }) => sum + count, 0)

/** The ranking a report tells first: the one with most candidates, of several the last. */
export const mainRanking = ({ rankings }: ReportData): RankingReport | undefined => {
  const most = Math.max(0, ...rankings.map(({ candidates }) => candidates.length))
  return rankings.findLast(({ candidates }) => candidates.length === most)
}
