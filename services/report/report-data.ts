/** Per split of one ranking, as in Tables 1 and 2 of the SmolKalam paper. */
export interface SplitRow {
  split: string
  examples: number
  kept: number
  /** Over whole contents; null = not applicable to any row. */
  meanLr: number | null
  meanScr: number | null
  meanTurns: number
  meanTokens: number
}

/** Rows by reason, most first. */
export interface ReasonCount {
  reason: string
  count: number
}

/** One ranking: its winners. */
export interface RankingReport {
  ranking: string
  candidates: string[]
  splits: SplitRow[]
  examples: number
  kept: number
  /** Over translated parts, which gates and ranking use. */
  meanLr: number | null
  meanScr: number | null
  /** Rows without a value. */
  lrNull: number
  scrNull: number
  meanLrAll: number | null
  meanScrAll: number | null
  meanTurns: number
  medianTurns: number
  meanTokens: number
  p95Tokens: number
  totalTokens: number
  /** Rows by value, 50 bins from 0 to 1. */
  lrHistogram: number[]
  scrHistogram: number[]
  dropped: ReasonCount[]
  winners: ReasonCount[]
}

/** One translator line: where its chunks ended. */
export interface LineReport {
  line: string
  backend: string
  translated: number
  kept: number
  failed: number
  skipped: number
  reasons: ReasonCount[]
  calls: number
  fromMemory: number
  promptTokens: number
  completionTokens: number
  /** null = no call told its price. */
  costUsd: number | null
  pseudo: boolean
}

/** One file of a source. */
export interface FileReport {
  source: string
  file: string
  rows: number
  selected: number
  dropped: number
  bad: number
}

/** A row that did not come in. */
export interface BadRowReport {
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
  rankings: RankingReport[]
  lines: LineReport[]
  files: FileReport[]
  badRows: BadRowReport[]
  badRowCount: number
  /** Conversations one line lost and another saved. */
  saved: { lost: string; by: string; count: number }[]
}
