import { type LinePosition, lineShares, sumOf } from './line-positions.ts'

/** How fast a line goes, and how long it needs for what has come in so far. */
export interface LineRate {
  perSecond: number | null
  /** 0 when nothing is left; null when it stands still or was not measured. */
  leftSeconds: number | null
}

interface Reading {
  atMs: number
  lines: Map<string, { committed: number; share: number }>
}

/** Two readings nearer together than this tell no rate. */
export const leastApartMs = 900
const windowMs = 30_000

/** Rates of lines over the last half minute, as far as positions were read in that time: these go in, rates come out. */
export const rateMeter = () => {
  const history: Reading[] = []
  return {
    /** Whether a reading now would have one to be compared with. */
    hasEarlier: (atMs: number): boolean => history.some((one) => isEarlier(one, atMs)),
    add(atMs: number, lines: readonly LinePosition[]): Map<string, LineRate> {
      const shares = lineShares(lines, 1)
      const now: Reading = {
        atMs,
        lines: new Map(
          lines.map((line) => [line.group, { committed: sumOf(line).committed, share: shares.get(line) ?? 1 }]),
        ),
      }
      const before = history.find((one) => isEarlier(one, atMs))
      history.push(now)
      while (atMs - history[0]!.atMs > windowMs) history.shift()
      return new Map(lines.map(({ group }) => [group, rateOf(group, before, now)]))
    },
  }
}

const isEarlier = ({ atMs }: Reading, nowMs: number): boolean =>
  nowMs - atMs >= leastApartMs && nowMs - atMs <= windowMs

const rateOf = (group: string, before: Reading | undefined, now: Reading): LineRate => {
  const first = before?.lines.get(group)
  const last = now.lines.get(group)
  if (!before || !first || !last) return { perSecond: null, leftSeconds: null }
  const seconds = (now.atMs - before.atMs) / 1000
  const perSecond = Math.max(0, last.committed - first.committed) / seconds
  const gained = perSecond === 0 ? 0 : last.share - first.share
  return {
    perSecond,
    leftSeconds: last.share >= 1 ? 0 : gained > 0 ? ((1 - last.share) / gained) * seconds : null,
  }
}
