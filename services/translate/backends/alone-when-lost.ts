import { KalamError } from '../../../dataflow/error.ts'
import type { ExecRun } from './exec-run.ts'
import { turns } from './turns.ts'

/** A text that was lost so often may be the one that ends the program. */
const mostLosses = 2

/** The same asking; a text that was lost with the program again and again is asked for alone, so that it takes no other along. */
export const aloneWhenLost = (ask: ExecRun['ask']): ExecRun['ask'] => {
  const going = turns()
  const losses = new Map<string, number>()
  return async (fields, about) => {
    const text = String(fields.text)
    const before = losses.get(text) ?? 0
    await going.enter(before >= mostLosses, about.signal)
    try {
      const answer = await ask(fields, about)
      losses.delete(text)
      return answer
    } catch (thrown) {
      if (thrown instanceof KalamError && thrown.details.lost) losses.set(text, before + 1)
      throw thrown
    } finally {
      going.leave()
    }
  }
}
