interface Waiter {
  signal: AbortSignal
  go(): void
  stop(reason: unknown): void
}

/** Places for calls under way; those who find none wait in their order, or until they are aborted. */
export interface Slots {
  /** Nothing when a place was free, else a promise of one; rejects when the signal is aborted before. */
  take(signal: AbortSignal): Promise<void> | undefined
  release(): void
}

/** As many places as `allowed` says at the time, none of them taken. */
export const freeSlots = (allowed: () => number): Slots => {
  let taken = 0
  const waiting = new Set<Waiter>()
  const watched = new WeakSet<AbortSignal>()
  /** One listener for all that wait: adding one takes the longer the more there are. */
  const watch = (signal: AbortSignal) => {
    if (watched.has(signal)) return
    watched.add(signal)
    const stop = () => {
      for (const waiter of waiting) {
        if (waiter.signal === signal && waiting.delete(waiter)) waiter.stop(signal.reason)
      }
    }
    signal.addEventListener('abort', stop, { once: true })
  }
  return {
    take(signal) {
      if (taken < allowed() && waiting.size === 0) {
        taken++
        return undefined
      }
      return new Promise((resolve, reject) => {
        watch(signal)
        waiting.add({ signal, go: resolve, stop: reject })
      })
    },
    release() {
      taken--
      for (const next of waiting) {
        if (taken >= allowed()) return
        waiting.delete(next)
        taken++
        next.go()
      }
    },
  }
}
