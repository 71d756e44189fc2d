import { failpoint } from '../../dataflow/failpoint.ts'
import type { Translator } from './translator.ts'

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

/** So many places, none of them taken. */
export const freeSlots = (count: number): Slots => {
  let free = count
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
      if (free > 0) {
        free--
        return undefined
      }
      return new Promise((resolve, reject) => {
        watch(signal)
        waiting.add({ signal, go: resolve, stop: reject })
      })
    },
    release() {
      const [next] = waiting
      if (!next) free++
      else {
        waiting.delete(next)
        next.go()
      }
    },
  }
}

/** The same translator with at most its slots' number of calls under way. */
export const limited = (translator: Translator, slots: Slots = freeSlots(translator.slots)): Translator => ({
  ...translator,
  async translate(request, options) {
    options.signal.throwIfAborted()
    const place = slots.take(options.signal)
    if (place) await place
    try {
      failpoint('before_call')
      const answer = await translator.translate(request, options)
      failpoint('after_call')
      return answer
    } finally {
      slots.release()
    }
  },
})
