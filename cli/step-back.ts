import { readdirSync } from 'node:fs'
import { getPriority, setPriority } from 'node:os'

/**
 * How many steps of niceness: a thread five steps back gets a quarter of a core that another one wants too, and all of one that is free.
 * Ten keep places a little fuller, but leave it a tenth where others use the machine.
 */
const steps = 5
const most = 19

/** The threads that this process has now; none where the system does not list them, as only Linux does. */
export const ownThreads = (): number[] => {
  try {
    return readdirSync('/proc/self/task').map(Number)
  } catch {
    return []
  }
}

/** Lets other threads go first where cores are short, for good: only a privileged process may take it back. */
export const stepBack = (threads: readonly number[]): void => {
  for (const thread of threads) {
    try {
      setPriority(thread, Math.min(most, getPriority(thread) + steps))
    } catch {
      // It has ended, or the system does not let it.
    }
  }
}
