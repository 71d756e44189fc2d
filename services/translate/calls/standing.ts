import { type Deferred, deferred } from '../../../dataflow/deferred.ts'
import { KalamError } from '../../../dataflow/error.ts'
import { orAborted, pause } from '../abortable.ts'
import type { Translator } from '../translator.ts'

/** Why all calls of a translator wait, and for whom. */
export interface StandReason {
  code: KalamError['code']
  /** What was being done and the fact. */
  message: string
  hint: string | undefined
}

/** Whether a translator stands still because nobody but its owner can help: a refused key, an empty balance, a used-up budget. */
export interface Stand {
  /** Why, while it stands and no call is under way. */
  readonly reason: StandReason | undefined
  /** For how long, in milliseconds; 0 when it does not stand. */
  readonly sinceMs: number
}

/**
 * The same translator, whose calls wait where all of them would be refused. One of them looks again every `againMs`, so that it goes on
 * by itself when somebody has mended it; nothing is recorded as failed meanwhile. Errors of single texts pass.
 */
export const standing = (
  translator: Translator,
  options: { againMs: number /** Told each time that it meets the refusal. */; onStand?(reason: StandReason): void },
): { translator: Translator; stand: Stand } => {
  let reason: StandReason | undefined
  let underWay = 0
  let gone: Deferred | undefined
  let isLooking = false
  let idleAt = 0

  const stands = ({ code, message, hint }: KalamError) => {
    reason = { code, message, hint }
    options.onStand?.(reason)
    gone ??= deferred()
  }
  const goesOn = () => {
    reason = undefined
    gone?.resolve()
    gone = undefined
  }
  /** Those who wait are asked again who looks next. */
  const handOver = () => {
    const before = gone
    gone = deferred()
    before?.resolve()
  }
  /** Waits behind the gate; the first one looks again after a while. */
  const turn = async (signal: AbortSignal): Promise<void> => {
    while (gone) {
      if (isLooking) await orAborted(gone.promise, signal)
      else {
        isLooking = true
        try {
          await pause(options.againMs, signal)
        } finally {
          isLooking = false
          if (signal.aborted && gone) handOver()
        }
        return
      }
    }
  }
  const stand: Stand = {
    get reason() {
      return underWay === 0 ? reason : undefined
    },
    get sinceMs() {
      return underWay === 0 && reason ? performance.now() - idleAt : 0
    },
  }
  return {
    stand,
    translator: {
      ...translator,
      async translate(request, call) {
        for (;;) {
          if (gone) await turn(call.signal)
          underWay++
          try {
            const answer = await translator.translate(request, call)
            if (gone) goesOn()
            return answer
          } catch (thrown) {
            if (call.signal.aborted || !(thrown instanceof KalamError) || !isOfLine(thrown)) {
              // Who looked may have been this one: a text that is refused for itself was read, anything else tells nothing.
              if (gone && isOfText(thrown)) goesOn()
              else if (gone) handOver()
              throw thrown
            }
            stands(thrown)
          } finally {
            if (--underWay === 0) idleAt = performance.now()
          }
        }
      },
    },
  }
}

const isOfText = (thrown: unknown): boolean => thrown instanceof KalamError && thrown.details.ofText === true

/** What every call would meet: the server refuses them all, or there is no money left. */
const isOfLine = ({ code, details }: KalamError): boolean =>
  code === 'budget_used_up' || (code === 'backend_refused' && details.ofText !== true)
