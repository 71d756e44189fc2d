/** Resolves after `ms`; rejects with the signal's reason as soon as it is aborted. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> => {
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  return orAborted(over, signal).finally(() => clearTimeout(timer))
}

/** What is called when a signal is aborted: adding a listener of its own for each takes the longer the more there are. */
const waiting = new WeakMap<AbortSignal, Set<() => void>>()

/** Calls back once when the signal is aborted, at once if it is; the returned function takes that back. */
export const onAbort = (signal: AbortSignal, callback: () => void): (() => void) => {
  if (signal.aborted) {
    callback()
    return () => undefined
  }
  let callbacks = waiting.get(signal)
  if (!callbacks) {
    const all = new Set<() => void>()
    callbacks = all
    waiting.set(signal, all)
    signal.addEventListener(
      'abort',
      () => {
        waiting.delete(signal)
        for (const each of all) each()
      },
      { once: true },
    )
  }
  const own = callbacks
  own.add(callback)
  return () => own.delete(callback)
}

/** The outcome of a promise, or a rejection with the signal's reason if that comes first. Leaves nothing behind. */
export const orAborted = <T>(promise: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const forget = onAbort(signal, () => reject(signal.reason))
    promise.then(
      (value) => {
        forget()
        resolve(value)
      },
      (thrown) => {
        forget()
        reject(thrown)
      },
    )
  })

/** Someone who waits in a set. */
export interface Waiter {
  /** Lets it go on; it is no longer in the set. */
  go(): void
}

/** Waits in a set, with what is told about the waiter, until it is let go; rejects when the signal is aborted before. */
export const waitIn = <About extends object>(
  waiting: Set<About & Waiter>,
  about: About,
  signal: AbortSignal,
): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const waiter = {
      go() {
        waiting.delete(waiter)
        forget()
        resolve()
      },
      ...about,
    }
    const forget = onAbort(signal, () => {
      waiting.delete(waiter)
      reject(signal.reason)
    })
    waiting.add(waiter)
  })
