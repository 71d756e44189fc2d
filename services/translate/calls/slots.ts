import { type Waiter, waitIn } from '../abortable.ts'

/** Places for calls under way; those who find none wait in their order, or until they are aborted. */
export interface Slots {
  /** Nothing when a place was free, else a promise of one; rejects when the signal is aborted before. */
  take(signal: AbortSignal): Promise<void> | undefined
  /** Whether somebody who waited has it now, or comes for it in this turn of the event loop. */
  release(): boolean
  /**
   * Nothing when a place is free, else a promise that one has become so, which others may take first; for who takes places one after the
   * other and holds nothing meanwhile. Rejects when the signal is aborted before.
   */
  free(signal: AbortSignal): Promise<void> | undefined
}

/** As many places as `allowed` says at the time, none of them taken. */
export const freeSlots = (allowed: () => number): Slots => {
  let taken = 0
  const waiting = new Set<Waiter>()
  const watching = new Set<Waiter>()
  /** They come when what is done now is done. */
  let areComing = false
  const isFree = () => taken < allowed() && waiting.size === 0
  const call = () => {
    if (watching.size === 0 || !isFree()) return
    for (const one of watching) one.go()
    areComing = true
    setImmediate(() => {
      areComing = false
    })
  }
  return {
    take(signal) {
      if (!isFree()) return waitIn(waiting, {}, signal)
      taken++
      return undefined
    },
    free: (signal) => (isFree() ? undefined : waitIn(watching, {}, signal)),
    release() {
      taken--
      let isTaken = false
      for (const next of waiting) {
        if (taken >= allowed()) break
        taken++
        isTaken = true
        next.go()
      }
      call()
      return isTaken || areComing
    },
  }
}
