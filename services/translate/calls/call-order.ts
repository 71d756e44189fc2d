import { type Deferred, deferred } from '../../../dataflow/deferred.ts'
import { orAborted } from '../abortable.ts'

/** Which calls of an endpoint began before which others were answered: only one that began later shows that it works again. */
export interface CallOrder {
  /** How many calls got their place at the endpoint so far. */
  readonly begun: number
  /** The number of the last of them that was answered. */
  readonly answered: number
  /** A call has its place: its number, from 1. */
  begin(): number
  answer(number: number): void
  /** A call is over, however it ended. */
  end(): void
  /** Resolves when a call that begins from now on is answered, or when those that are under way, and as many after them, have ended. */
  othersEnd(signal: AbortSignal): Promise<void>
}

/** The order of calls of which none has begun. */
export const callOrder = (): CallOrder => {
  let begun = 0
  let answered = 0
  let underWay = 0
  let oneEnded: Deferred | undefined
  return {
    get begun() {
      return begun
    },
    get answered() {
      return answered
    },
    begin() {
      underWay++
      return ++begun
    },
    answer(number) {
      answered = Math.max(answered, number)
    },
    end() {
      underWay--
      oneEnded?.resolve()
      oneEnded = undefined
    },
    async othersEnd(signal) {
      const before = begun
      for (let left = 2 * underWay; left > 0 && underWay > 0 && answered <= before; left--) {
        oneEnded ??= deferred()
        await orAborted(oneEnded.promise, signal)
      }
    },
  }
}
