import { KalamError, messageOf } from '../dataflow/error.ts'
import { errorText } from './display/error-text.ts'

/** Commands whose work is worth more than what they say of it. */
const working = new Set(['run', 'work'])

/** How what a command says can get lost. */
export interface Output {
  stdout: NodeJS.WriteStream
  stderr: NodeJS.WriteStream
  /** Ends the process. */
  exit(code: number): void
}

/**
 * Lets a command go on, or end, when what it says cannot be written any more. A run and a worker go on: a pipe or a collector of logs that
 * goes away may not cost hours of work. Gives the exit code in place of the command's own.
 */
export const whenOutputIsLost = (
  command: string | undefined,
  { stdout, stderr, exit }: Output,
): ((own: number) => number) => {
  const goesOn = working.has(command ?? '')
  let isLost = false
  // There is nobody to tell it to.
  stderr.on('error', () => undefined)
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    // The reader went away, as `head` does: nothing is left to be said.
    const isUnread = error.code === 'EPIPE'
    if (!isUnread && !isLost) {
      isLost = true
      stderr.write(`${errorText(lostOutput(error), false)}\n`)
    }
    if (!goesOn) exit(isUnread ? 0 : 1)
  })
  return (own) => (isLost && own === 0 ? 1 : own)
}

const lostOutput = (error: NodeJS.ErrnoException): KalamError => {
  const isFull = error.code === 'ENOSPC' || error.code === 'EFBIG' || error.code === 'EDQUOT'
  return new KalamError(isFull ? 'disk_full' : 'internal', `writing to standard output: ${messageOf(error)}`, {
    hint: 'What the command says is lost from here on. Let it go to a place that takes it, and run the same command again.',
    cause: error,
  })
}
