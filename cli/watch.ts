import { createLogUpdate } from 'log-update'
import type { BesideAnswer } from './beside-run.ts'
import { elapsed } from './elapsed.ts'
import type { Io } from './io.ts'

/** How often what is watched is shown. */
export const watchMs = 2000

/** Shows texts one after another, on a terminal in place of each other, until there is none or Ctrl-C. Resolves with 0. */
export const watch = async (next: () => Promise<string | undefined>, everyMs: number, io: Io): Promise<number> => {
  const draw = io.isTty && process.stdout.isTTY ? createLogUpdate(process.stdout) : undefined
  const stop = new AbortController()
  const interrupt = () => stop.abort()
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  let shown = 0
  try {
    while (!stop.signal.aborted) {
      const text = await next()
      if (text === undefined || stop.signal.aborted) break
      // Pages are set apart by an empty line, lines of JSON are not.
      const isPage = text.trimEnd().includes('\n')
      if (draw && isPage) draw(text.trimEnd())
      else io.out(isPage && shown > 0 ? `\n${text}` : text)
      shown++
      await elapsed(everyMs, stop.signal)
    }
  } finally {
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
    draw?.done()
  }
  return 0
}

/** Prints the answer of a run; one that asks to be asked again is asked until Ctrl-C or the end of the run. */
export const showAnswers = async (
  first: BesideAnswer,
  ask: () => Promise<BesideAnswer | undefined>,
  io: Io,
): Promise<number> => {
  if (first.againMs === undefined) {
    io.out(first.out)
    io.err(first.err)
    return first.code
  }
  let answer: BesideAnswer | undefined = first
  const next = async (): Promise<string | undefined> => {
    const shown = answer ?? (await ask())
    answer = undefined
    if (!shown) io.err('the run has ended\n')
    return shown?.out
  }
  return watch(next, first.againMs, io)
}
