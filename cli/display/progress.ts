import { type LinePosition, lineShares, oldestOf, sumOf } from '../../services/line-positions.ts'

/** One row of the progress display. */
export interface StageProgress {
  name: string
  unit: string
  done: number
  total: number
  /** Of all its work, what has not been read yet included. */
  share: number
  waiting: number
  /** Seconds since the conversation of the oldest waiting record came in; null when none waits. */
  ageSeconds: number | null
  /** Whether it does what comes to it at once, so that others set its pace. */
  follows: boolean
  /** Calls at once; null where nobody is called. */
  slots: number | null
  perSecond: number | null
  leftSeconds: number | null
  /** Seconds since it last finished something while something waits; null when nothing waits. */
  stillSeconds: number | null
}

/** How far a run is. */
export interface Progress {
  pipeline: string
  now: Date
  /** Since the run began. */
  seconds: number
  share: number
  leftSeconds: number | null
  stages: StageProgress[]
  /** Conversations that every ranking has ranked. */
  ranked: number
  rowsRead: number
  badRows: number
  /** Answers in the translation memory. */
  memory: number
  /** The last wait of each translator, if it is not long ago. */
  waits: { line: string; reason: string; message: string }[]
}

/** What was measured at one moment. */
export interface Measured {
  atMs: number
  rowsRead: number
  /** Share of the sources that has been read, from 0 to 1. */
  read: number
  lines: LinePosition[]
}

/** Rates over the last half minute: what was measured goes in, rows with rates come out. */
export const progressMeter = (slots: ReadonlyMap<string, number>) => {
  const history: { atMs: number; rows: Map<string, { done: number; share: number }> }[] = []
  const moved = new Map<string, { done: number; atMs: number }>()
  return {
    stages(measured: Measured): StageProgress[] {
      const rows = stageRows(measured, slots)
      const now = new Map(rows.map(({ name, done, share }) => [name, { done, share }]))
      for (const { name, done } of rows)
        if (moved.get(name)?.done !== done) moved.set(name, { done, atMs: measured.atMs })
      const rated = rows.map((row) => ({
        ...withRate(row, history[0], measured.atMs),
        stillSeconds: row.waiting === 0 ? null : (measured.atMs - moved.get(row.name)!.atMs) / 1000,
      }))
      history.push({ atMs: measured.atMs, rows: now })
      while (history.length > 2 && history[1]!.atMs <= measured.atMs - windowMs) history.shift()
      return rated
    },
  }
}

const notMeasured = { perSecond: null, leftSeconds: null, stillSeconds: null }
const windowMs = 30_000
const leastMs = 900
const mostRows = 8

const withRate = (
  row: StageProgress,
  first: { atMs: number; rows: Map<string, { done: number; share: number }> } | undefined,
  atMs: number,
): StageProgress => {
  const before = first?.rows.get(row.name)
  if (!first || !before || atMs - first.atMs < leastMs) return row
  const seconds = (atMs - first.atMs) / 1000
  const gained = row.done === before.done ? 0 : row.share - before.share
  return {
    ...row,
    perSecond: Math.max(0, row.done - before.done) / seconds,
    leftSeconds: row.share >= 1 ? 0 : gained > 0 ? ((1 - row.share) / gained) * seconds : null,
  }
}

const stageRows = ({ atMs, rowsRead, read, lines }: Measured, slots: ReadonlyMap<string, number>): StageProgress[] => {
  const shares = lineShares(lines, read)
  const row = (name: string, of: readonly LinePosition[]): StageProgress[] => {
    if (of.length === 0) return []
    const sums = of.map(sumOf)
    const done = sums.reduce((sum, { committed }) => sum + committed, 0)
    const total = sums.reduce((sum, { end }) => sum + end, 0)
    const oldest = of.flatMap((line) => oldestOf(line) ?? [])
    return [
      {
        name,
        unit: new Set(of.map(({ unit }) => unit)).size === 1 ? of[0]!.unit : 'records',
        done,
        total,
        share: Math.min(...of.map((line) => shares.get(line)!)),
        waiting: Math.max(0, total - done),
        ageSeconds: oldest.length === 0 ? null : Math.max(0, atMs - Math.min(...oldest)) / 1000,
        follows: of.every(({ stage }) => stage === 'score' || stage === 'rank' || stage === 'land'),
        slots: of.length === 1 && of[0]!.stage === 'translate' ? (slots.get(of[0]!.line) ?? null) : null,
        ...notMeasured,
      },
    ]
  }
  const of = (stage: string) => lines.filter((line) => line.stage === stage)
  const each = (stage: string, most: number, name: (line: LinePosition) => string) => {
    const all = of(stage)
    if (all.length <= most) return all.flatMap((line) => row(name(line), [line]))
    const shown = all.slice(0, most - 1)
    return [
      ...shown.flatMap((line) => row(name(line), [line])),
      ...row(`${all.length - shown.length} more`, all.slice(shown.length)),
    ]
  }
  const ingest: StageProgress = {
    name: 'ingest',
    unit: 'rows',
    done: rowsRead,
    total: rowsRead,
    share: read,
    waiting: 0,
    ageSeconds: null,
    follows: false,
    slots: null,
    ...notMeasured,
  }
  const nameOf = ({ line, generation }: LinePosition) => `${line}${generation > 1 ? ` g${generation}` : ''}`
  const chunks =
    of('chunk').length <= 2 ? each('chunk', 2, (line) => `chunk ${nameOf(line)}`) : row('chunk', of('chunk'))
  const behind = [...row('score', of('score')), ...row('rank', of('rank')), ...row('land', of('land'))]
  return [ingest, ...chunks, ...each('translate', mostRows - 1 - chunks.length - behind.length, nameOf), ...behind]
}

/** The row that everything waits for: of those with a pace of their own the one that takes longest, else of the others. */
export const slowestOf = (stages: readonly StageProgress[]): StageProgress | undefined => {
  const [longest] = stages
    .filter(({ leftSeconds }) => leftSeconds !== null && leftSeconds > 0)
    .sort((a, b) => Number(a.follows) - Number(b.follows) || b.leftSeconds! - a.leftSeconds!)
  return longest
}
