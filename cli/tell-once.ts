import type { WaitEvent } from '../services/translate/calls/retried.ts'
import type { Io } from './io.ts'

/** Tells for whom a line waits, once for each reason: a command that says nothing seems to hang. */
export const tellOnce = (io: Pick<Io, 'err'>): ((event: WaitEvent & { line: string }) => void) => {
  const told = new Set<string>()
  return ({ line, reason, message }) => {
    if (told.has(`${line} ${reason}`)) return
    told.add(`${line} ${reason}`)
    io.err(`${line} waits: ${message}\n`)
  }
}
