import type { Positions } from '../log.ts'
import type { UnseenCommits } from './unseen-commits.ts'

/** What a task looks after when nothing comes. */
export interface Resting {
  /** Something was read or committed: it will be looked at, once it is quiet. */
  wake(): void
  close(): void
}

const idleMs = 200
const quietMs = 1000

/**
 * Looks, when a task has come to rest, whether what it committed is seen, and only then commits positions behind markers: as
 * a transaction of its own, that would end a forgotten one in the group and leave it open in the outputs.
 */
export const resting = (options: {
  unseen: UnseenCommits
  /** Positions behind markers that are not committed yet. */
  idle(): Positions
  commit(positions: Positions): Promise<void>
  failed(thrown: unknown): void
  signal: AbortSignal
}): Resting => {
  const { unseen, idle, signal } = options
  let timer: NodeJS.Timeout | undefined
  let isLooking = false
  let wokenAt = 0
  const isIdle = () => Object.keys(idle()).length > 0
  const arm = () => {
    if (!timer && !isLooking && !signal.aborted && (unseen.any || isIdle())) timer = setTimeout(look, idleMs)
  }
  const look = async (): Promise<void> => {
    timer = undefined
    isLooking = true
    try {
      if (isIdle() || Date.now() - wokenAt >= quietMs) {
        if ((!unseen.any || (await unseen.areSeen(signal))) && isIdle() && !signal.aborted) await options.commit(idle())
      }
    } catch (thrown) {
      if (!signal.aborted) options.failed(thrown)
    }
    isLooking = false
    arm()
  }
  return {
    wake() {
      wokenAt = Date.now()
      arm()
    },
    close: () => clearTimeout(timer),
  }
}
