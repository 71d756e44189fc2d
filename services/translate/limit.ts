import { failpoint } from '../../dataflow/failpoint.ts'
import type { Translator } from './translator.ts'

interface Waiter {
  signal: AbortSignal
  go(): void
  stop(reason: unknown): void
}

/** The same translator with at most its `slots` calls under way; others wait in their order, or until they are aborted. */
export const limited = (translator: Translator): Translator => {
  let free = translator.slots
  const waiting = new Set<Waiter>()
  const watched = new WeakSet<AbortSignal>()
  const release = () => {
    const [next] = waiting
    if (!next) free++
    else {
      waiting.delete(next)
      next.go()
    }
  }
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
  const slot = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      watch(signal)
      waiting.add({ signal, go: resolve, stop: reject })
    })
  return {
    ...translator,
    async translate(request, options) {
      options.signal.throwIfAborted()
      if (free > 0) free--
      else await slot(options.signal)
      try {
        failpoint('before_call')
        const answer = await translator.translate(request, options)
        failpoint('after_call')
        return answer
      } finally {
        release()
      }
    },
  }
}
