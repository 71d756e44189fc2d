import { KalamError } from '../../dataflow/error.ts'
import { orAborted, pause } from './abortable.ts'
import type { TranslateAnswer, TranslateRequest, Translator } from './translator.ts'

/** Why a call waits before it is made again. */
export interface WaitEvent {
  reason: string
  /** What was being done and the fact. */
  message: string
  waitMs: number
}

/** How calls are repeated; times in milliseconds. */
export interface RetryOptions {
  /** Failures of one call, each after other calls had succeeded, before it is given up. */
  attempts: number
  firstWaitMs: number
  longestWaitMs: number
  /** From 0 to 1, for the jitter. */
  random(): number
  /** Told before each wait. */
  onWait?: ((event: WaitEvent) => void) | undefined
}

type Call = Parameters<Translator['translate']>[1]

/** The longest that a server may ask to wait, in milliseconds. */
const longestAskedMs = 3_600_000
/** What is asked to see whether the endpoint works when no other call tells. */
const probeText = 'Hello.'

/**
 * The same translator, repeating calls that may succeed later. A call is given up only after `attempts` server errors or
 * timeouts between which other calls succeeded: while nothing succeeds the endpoint is away, and the call waits for it.
 * When no other call is there to tell, a greeting is translated instead. A wait that the server asks for is everybody's.
 */
export const retried = (translator: Translator, options: RetryOptions): Translator => {
  let successes = 0
  let closed: Promise<void> | undefined
  let probe: Promise<boolean> | undefined

  const ask = async (request: TranslateRequest, call: Call): Promise<TranslateAnswer> => {
    const answer = await translator.translate(request, call)
    successes++
    return answer
  }

  /** Whether the endpoint answers; also true when it refuses for good, which the call itself then meets. */
  const works = (request: TranslateRequest, call: Call): Promise<boolean> => {
    probe ??= ask({ ...request, text: probeText, sample: 0, attempt: 0 }, call)
      .then(
        () => true,
        (thrown) => !(thrown instanceof KalamError && thrown.retryable) && !call.signal.aborted,
      )
      .finally(() => {
        probe = undefined
      })
    return orAborted(probe, call.signal)
  }

  /** Waits for what the server asked for, and at least for the backoff of the round. */
  const wait = async ({ code, message, details }: KalamError, round: number, { signal }: Call): Promise<void> => {
    const jitter = 0.5 + options.random() / 2
    const backoffMs = Math.min(options.longestWaitMs, options.firstWaitMs * 2 ** Math.min(round, 20)) * jitter
    const askedMs = Math.min(Number(details.retryAfterMs ?? 0) || 0, longestAskedMs)
    const waitMs = Math.max(backoffMs, askedMs > 0 ? askedMs + options.firstWaitMs * jitter : 0)
    options.onWait?.({ reason: code, message, waitMs })
    if (askedMs > 0) {
      const closing = pause(askedMs, signal).catch(() => {})
      closed = closing
      void closing.then(() => {
        if (closed === closing) closed = undefined
      })
    }
    await pause(waitMs, signal)
  }

  return {
    ...translator,
    async translate(request, call) {
      let failures = 0
      let seen = -1
      for (let round = 0; ; round++) {
        if (closed) {
          await orAborted(closed, call.signal)
          await pause(options.random() * options.firstWaitMs, call.signal)
        }
        try {
          return await ask(request, call)
        } catch (thrown) {
          if (call.signal.aborted || !(thrown instanceof KalamError) || !thrown.retryable) throw thrown
          if (blames(thrown) && successes > seen) failures++
          if (failures >= options.attempts) throw thrown
          seen = successes
          await wait(thrown, round, call)
          while (blames(thrown) && successes === seen && !(await works(request, call))) {
            call.signal.throwIfAborted()
            await wait(thrown, ++round, call)
          }
        }
      }
    },
  }
}

/** Errors that may be this call's own fault; a rate limit or a server that is away never is. */
const blames = ({ code }: KalamError): boolean => code === 'server_error' || code === 'timeout'
