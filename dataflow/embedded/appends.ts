import type { Store } from './store.ts'

/** Waits for records. */
export interface Appends {
  /** Resolves at the next append to the partition, or when the signal is aborted. */
  next(topic: string, partition: number, signal: AbortSignal): Promise<void>
}

/** Wakes those who wait for records of a store's partitions. */
export const appendsOf = (store: Store): Appends => {
  const waiting = new Map<string, Set<() => void>>()
  store.onAppend((topic, partition) => {
    const name = `${topic}\0${partition}`
    const waiters = waiting.get(name)
    waiting.delete(name)
    for (const wake of waiters ?? []) wake()
  })
  return {
    next: (topic, partition, signal) =>
      new Promise((resolve) => {
        const name = `${topic}\0${partition}`
        const wake = () => {
          signal.removeEventListener('abort', wake)
          waiting.get(name)?.delete(wake)
          resolve()
        }
        const waiters = waiting.get(name) ?? new Set()
        waiting.set(name, waiters.add(wake))
        signal.addEventListener('abort', wake, { once: true })
      }),
  }
}
