import { orAborted, pause } from '../abortable.ts'

/** What a provider allows; all of it at once, undefined = no limit. */
export interface Rates {
  requestsPerMinute?: number | undefined
  tokensPerMinute?: number | undefined
}

/** Lets calls go as fast as a provider allows. */
export interface RateLimit {
  /**
   * With how many tokens a call is let in, at once or when it may go; rejects when the signal is aborted. `tokens` tells about how many
   * it takes, by what is known then.
   */
  enter(tokens: () => number, signal: AbortSignal): Promise<number> | number
  /** A call took so many tokens more (or, below zero, fewer) than it was let in with. */
  correct(tokens: number): void
}

const minuteMs = 60_000
/** The part of a minute's allowance that may be used at once. */
const burst = 1 / 20

/**
 * Token buckets that begin empty: in any 60 seconds no more than allowed goes out, also when this process takes over from one that
 * has just used its share. So 19 parts of 20 flow steadily, and one part is the most that goes at once. `held` is what nobody goes before.
 */
export const rateLimit = (
  { requestsPerMinute, tokensPerMinute }: Rates,
  now: () => number,
  held: () => Promise<void> | undefined = () => undefined,
): RateLimit => {
  const requests = requestsPerMinute === undefined ? undefined : bucket(requestsPerMinute, now)
  const tokens = tokensPerMinute === undefined ? undefined : bucket(tokensPerMinute, now)
  let last: Promise<unknown> | undefined
  const waitMs = (need: number): number => Math.max(requests?.waitMs(1) ?? 0, tokens?.waitMs(need) ?? 0)
  const take = (need: number): number => {
    requests?.take(1)
    tokens?.take(need)
    return need
  }
  const turn = async (
    before: Promise<unknown> | undefined,
    need: () => number,
    signal: AbortSignal,
  ): Promise<number> => {
    if (before) await orAborted(before, signal)
    for (;;) {
      const until = held()
      const ms = waitMs(need())
      if (until) await orAborted(until, signal)
      else if (ms > 0) await pause(ms, signal)
      else break
    }
    signal.throwIfAborted()
    return take(need())
  }
  return {
    enter(need, signal) {
      if (!requests && !tokens) return 0
      const now = need()
      if (!last && waitMs(now) <= 0) return take(now)
      const before = last
      const own = turn(before, need, signal)
      // Whoever comes next also waits for those before one that is aborted.
      const passed = own.catch(() => before)
      last = passed
      void passed.then(() => {
        if (last === passed) last = undefined
      })
      return own
    },
    correct: (by) => tokens?.take(by),
  }
}

/** What flows in per minute, but for the burst, of which as much waits at most. */
const bucket = (perMinute: number, now: () => number) => {
  const size = Math.max(1, perMinute * burst)
  const perMs = Math.max(perMinute - size, perMinute / 2) / minuteMs
  let level = 0
  let at = now()
  const flow = () => {
    const present = now()
    level = Math.min(size, level + (present - at) * perMs)
    at = present
  }
  return {
    /** One that needs more than ever waits goes when the bucket is full, and its debt is paid afterwards. */
    waitMs(need: number): number {
      flow()
      return Math.ceil((Math.min(need, size) - level) / perMs - 1e-6)
    },
    take(need: number): void {
      flow()
      level -= need
    },
  }
}
