import { type Waiter, waitIn } from '../abortable.ts'

/** Places for calls under way; those who find none wait in their order, or until they are aborted. */
export interface Slots {
  /** Nothing when a place was free, else a promise of one; rejects when the signal is aborted before. */
  take(signal: AbortSignal): Promise<void> | undefined
  /** Whether somebody who waited has it now. */
  release(): boolean
}

/** As many places as `allowed` says at the time, none of them taken. */
export const freeSlots = (allowed: () => number): Slots => {
  let taken = 0
  const waiting = new Set<Waiter>()
  return {
    take(signal) {
      if (taken < allowed() && waiting.size === 0) {
        taken++
        return undefined
      }
      return waitIn(waiting, {}, signal)
    },
    release() {
      taken--
      let isTaken = false
      for (const next of waiting) {
        if (taken >= allowed()) break
        taken++
        isTaken = true
        next.go()
      }
      return isTaken
    },
  }
}
