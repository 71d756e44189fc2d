import type { BookedCall } from './books.ts'

/** How busy the slots of a client were, by the server's clock. */
export interface BusyShare {
  /** From 0 to 1, over the whole time and over its worst full second. */
  share: number
  worstSecond: number
  seconds: number
  /** Calls that ended in that time. */
  calls: number
}

/**
 * The share of slots with a call at the server, from `warmMs` after the first call until the last body came for the first
 * time: after that there is nothing left to fill slots with.
 */
export const busyShare = (calls: readonly BookedCall[], slots: number, warmMs = 3000): BusyShare => {
  let first = Infinity
  let to = 0
  for (const { startMs, round } of calls) {
    first = Math.min(first, startMs)
    if (round === 1) to = Math.max(to, startMs)
  }
  const from = first + warmMs
  const seconds = Math.max(0, to - from) / 1000
  const busyMs = (start: number, end: number): number =>
    calls.reduce((sum, { startMs, endMs }) => sum + Math.max(0, Math.min(end, endMs) - Math.max(start, startMs)), 0)
  const worst = Array.from({ length: Math.floor(seconds) }, (_, i) => busyMs(from + i * 1000, from + (i + 1) * 1000))
  return {
    share: seconds > 0 ? busyMs(from, to) / (slots * (to - from)) : 0,
    worstSecond: worst.length > 0 ? Math.min(...worst) / (slots * 1000) : 0,
    seconds,
    calls: calls.filter(({ endMs }) => endMs >= from && endMs < to).length,
  }
}
