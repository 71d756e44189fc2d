import type { Translator } from './translator.ts'

interface Waiter {
  go(): void
  signal: AbortSignal
  abort(): void
}

/** The same translator with at most its `slots` calls under way; others wait in their order, or until they are aborted. */
export const limited = (translator: Translator): Translator => {
  let free = translator.slots
  const waiting = new Set<Waiter>()
  const release = () => {
    const [next] = waiting
    if (!next) free++
    else {
      waiting.delete(next)
      next.signal.removeEventListener('abort', next.abort)
      next.go()
    }
  }
  const slot = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const waiter: Waiter = {
        go: resolve,
        signal,
        abort: () => {
          waiting.delete(waiter)
          reject(signal.reason)
        },
      }
      waiting.add(waiter)
      signal.addEventListener('abort', waiter.abort, { once: true })
    })
  return {
    ...translator,
    async translate(request, options) {
      options.signal.throwIfAborted()
      if (free > 0) free--
      else await slot(options.signal)
      try {
        return await translator.translate(request, options)
      } finally {
        release()
      }
    },
  }
}
