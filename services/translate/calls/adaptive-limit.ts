/** How many calls an endpoint may have under way, by what it answered lately. */
export interface AdaptiveLimit {
  readonly allowed: number
  /** A call was answered after so many milliseconds. */
  answered(ms: number): void
  /** The endpoint said that it was too much (429), or let a call time out. */
  pushedBack(): void
}

/** Outcomes that are looked at together: as many as one round of calls, and at least these. */
const leastWindow = 20
/** Fewer refusals than this share are no sign of too much: endpoints refuse single calls for reasons of their own. */
const tolerated = 0.1
const slower = { latency: 3, rate: 0.7 }
/** After this time an endpoint may have become another: what was best is measured anew. */
const bestMs = 300_000

/**
 * Additive increase, multiplicative decrease (Chiu and Jain 1989): a window with many refusals takes away up to half of the
 * places, in proportion to them (as DCTCP does); one with three times the best median latency whose rate of answers fell too takes
 * a fifth; any other gives a twentieth back, up to `most`.
 */
export const adaptiveLimit = (most: number, now: () => number): AdaptiveLimit => {
  let allowed = most
  let latencies: number[] = []
  let refused = 0
  let began = now()
  let best = { latency: Number.POSITIVE_INFINITY, rate: 0, since: began }
  const isCongested = (rate: number): boolean => {
    const median = latencies.sort((a, b) => a - b)[latencies.length >> 1] ?? 0
    if (now() - best.since > bestMs) best = { latency: Number.POSITIVE_INFINITY, rate: 0, since: now() }
    const congested = median > slower.latency * best.latency && rate < slower.rate * best.rate
    best = { ...best, latency: Math.min(best.latency, median), rate: Math.max(best.rate, rate) }
    return congested
  }
  const closeWindow = () => {
    const count = latencies.length + refused
    if (count < Math.max(leastWindow, Math.floor(allowed))) return
    const share = refused / count
    const congested = isCongested(latencies.length / Math.max(1, now() - began))
    if (share > tolerated) allowed = Math.max(1, allowed * (1 - share / 2))
    else if (congested) allowed = Math.max(1, allowed * 0.8)
    else allowed = Math.min(most, allowed + Math.max(1, allowed / 20))
    latencies = []
    refused = 0
    began = now()
  }
  return {
    get allowed() {
      return Math.floor(allowed)
    },
    answered(ms) {
      latencies.push(ms)
      closeWindow()
    },
    pushedBack() {
      refused++
      closeWindow()
    },
  }
}
