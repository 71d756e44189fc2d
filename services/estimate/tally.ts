import { none, type Range } from './range.ts'

/** What a first request takes, counted with the chunking's tokenizer. */
export interface Ask {
  key: string
  /** Role of the message that it is of. */
  role: string
  promptTokens: number
  textTokens: number
  /** What the memory answers to it, if anything. */
  known: Known | undefined
}

/** Answers of the memory to a request and to those that follow it. */
export interface Known {
  calls: number
  promptTokens: number
  completionTokens: number
  usd: number
  /** Whether a further attempt follows that the memory does not have. */
  isOpen: boolean
}

/** What one split takes of one line, each row counted as often as it stands for others. */
export interface Tally {
  split: string
  line: string
  rows: number
  sampledRows: number
  isCounted: boolean
  chunks: number
  /** Chunks that are copied without a call. */
  kept: number
  /** First requests to be sent, and their tokens. The low end takes a text that several sampled rows have for one of the whole. */
  calls: Range
  promptTokens: Range
  textTokens: Range
  /** Requests that were asked before in this estimate. */
  equal: number
  /** What need not be paid again. */
  saved: Omit<Known, 'isOpen'>
  /** How often sampled texts were met, by role: prompts that many rows share have answers that no other row has. */
  metTimes: Map<string, MetTimes>
  /** Sum and sum of squares of what sampled rows take, in tokens. */
  spread: { sum: number; squares: number }
}

/** Texts of a sample that were met in one row, with what they take to send, and in two. */
export interface MetTimes {
  weight: number
  once: number
  calls: number
  promptTokens: number
  textTokens: number
  twice: number
}

/** An empty tally. */
export const emptyTally = (split: string, line: string): Tally => ({
  ...{ split, line, rows: 0, sampledRows: 0, isCounted: true, chunks: 0, kept: 0, equal: 0 },
  ...{ calls: { ...none }, promptTokens: { ...none }, textTokens: { ...none } },
  saved: { calls: 0, promptTokens: 0, completionTokens: 0, usd: 0 },
  metTimes: new Map(),
  spread: { sum: 0, squares: 0 },
})

/** Requests of one line that were met: equal ones are asked once. */
export type Met = Map<number, { row: number; weight: number; tally: Tally; isTwice: boolean } | undefined>

/** One sampled row of a line. */
export interface LineRow {
  /** Its number among all sampled rows. */
  row: number
  weight: number
  isCounted: boolean
  chunks: number
  kept: number
  asks: readonly Ask[]
}

/** Adds a row to the tally of its split. */
export const addRow = (tally: Tally, met: Met, { row, weight, isCounted, chunks, kept, asks }: LineRow): void => {
  tally.rows += weight
  tally.sampledRows++
  tally.isCounted &&= isCounted
  tally.chunks += chunks * weight
  tally.kept += kept * weight
  let tokens = 0
  for (const ask of asks) {
    const key = Number.parseInt(ask.key.slice(0, 13), 16)
    const before = met.get(key)
    if (before || met.has(key)) {
      tally.equal += weight
      if (before && before.row !== row) meetAgain(met, key, before, ask)
      continue
    }
    met.set(key, weight > 1 ? { row, weight, tally, isTwice: false } : undefined)
    addAsk(tally, ask, { low: weight, high: weight })
    if (weight > 1) meet(tally, ask, weight, 1)
    tokens += ask.known && !ask.known.isOpen ? 0 : ask.promptTokens + ask.textTokens
  }
  tally.spread.sum += tokens
  tally.spread.squares += tokens * tokens
}

/** In two rows of a sample: it is common, and may be the same one text in all rows that they stand for. */
const meetAgain = (met: Met, key: number, before: NonNullable<ReturnType<Met['get']>>, ask: Ask): void => {
  const { tally, weight, isTwice } = before
  const times = tally.metTimes.get(ask.role)
  if (isTwice) {
    if (times) times.twice--
    met.set(key, undefined)
    return
  }
  addAsk(tally, ask, { low: 1 - weight, high: 0 })
  meet(tally, ask, weight, -1)
  if (times) times.twice++
  before.isTwice = true
}

const meet = (tally: Tally, { role, known, promptTokens, textTokens }: Ask, weight: number, by: 1 | -1): void => {
  const none = { weight, once: 0, calls: 0, promptTokens: 0, textTokens: 0, twice: 0 }
  const times = tally.metTimes.get(role) ?? none
  tally.metTimes.set(role, times)
  times.once += by
  if (known && !known.isOpen) return
  times.calls += by
  times.promptTokens += by * promptTokens
  times.textTokens += by * textTokens
}

/**
 * Lowers the low end by what texts that were met in one row share with rows that were not sampled: the fewest different texts that a
 * sample without replacement speaks for, by those met once and twice (Chao and Lin 2012). Without any met twice nothing changes.
 */
export const settleLow = ({ metTimes, calls, promptTokens, textTokens }: Tally): void => {
  for (const { weight, once, twice, ...takes } of metTimes.values()) {
    if (once === 0 || twice === 0) continue
    const distinct = 1 + once / (2 * twice + once / (weight - 1))
    calls.low -= takes.calls * (weight - distinct)
    promptTokens.low -= takes.promptTokens * (weight - distinct)
    textTokens.low -= takes.textTokens * (weight - distinct)
  }
}

const addAsk = (tally: Tally, { known, promptTokens, textTokens }: Ask, weight: Range): void => {
  if (known) {
    const { saved } = tally
    // What is known is no estimate: both ends are nearly the same, and the high one is told.
    saved.calls += known.calls * weight.high
    saved.promptTokens += known.promptTokens * weight.high
    saved.completionTokens += known.completionTokens * weight.high
    saved.usd += known.usd * weight.high
    if (!known.isOpen) return
  }
  add(tally.calls, 1, weight)
  add(tally.promptTokens, promptTokens, weight)
  add(tally.textTokens, textTokens, weight)
}

const add = (range: Range, value: number, { low, high }: Range): void => {
  range.low += value * low
  range.high += value * high
}

/** How far a sampled sum may be from the whole, as a share of it: two standard errors, at most all of it. */
export const samplingShare = ({ rows, sampledRows: n, spread: { sum, squares } }: Tally): number => {
  if (sum === 0 || n < 1 || rows <= n) return 0
  if (n === 1) return 1
  const mean = sum / n
  const variance = Math.max(0, (squares - n * mean * mean) / (n - 1))
  return Math.min(1, (2 * Math.sqrt((variance / n) * (1 - n / rows))) / mean)
}
