import { KalamError } from '../../dataflow/error.ts'
import type { Translator } from './translator.ts'

/** How calls are repeated; times in milliseconds. */
export interface RetryOptions {
  /** Failures of one call, each after other calls had succeeded, before it is given up. */
  attempts: number
  firstWaitMs: number
  longestWaitMs: number
  /** From 0 to 1, for the jitter. */
  random(): number
  /** Told before each wait. */
  onWait?: ((event: { reason: string; waitMs: number }) => void) | undefined
}

/**
 * The same translator, repeating calls that may succeed later. A call is given up only after `attempts` server errors or
 * timeouts between which other calls succeeded: while nothing succeeds the endpoint is away, and the call waits for it.
 */
export const retried = (translator: Translator, options: RetryOptions): Translator => {
  let successes = 0
  return {
    ...translator,
    async translate(request, call) {
      let failures = 0
      let seen = -1
      for (let round = 0; ; round++) {
        try {
          const answer = await translator.translate(request, call)
          successes++
          return answer
        } catch (thrown) {
          if (call.signal.aborted || !(thrown instanceof KalamError) || !thrown.retryable) throw thrown
          if (blames(thrown) && successes > seen) failures++
          if (failures >= options.attempts) throw thrown
          seen = successes
          const backoff =
            Math.min(options.longestWaitMs, options.firstWaitMs * 2 ** Math.min(round, 20)) *
            (0.5 + options.random() / 2)
          const waitMs = Math.max(backoff, Math.min(Number(thrown.details.retryAfterMs ?? 0), 3_600_000))
          options.onWait?.({ reason: thrown.code, waitMs })
          await sleep(waitMs, call.signal)
        }
      }
    },
  }
}

/** Errors that may be this call's own fault; a rate limit or a server that is away never is. */
const blames = ({ code }: KalamError): boolean => code === 'server_error' || code === 'timeout'

const sleep = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer)
      reject(signal.reason)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', abort)
      resolve()
    }, ms)
    signal.addEventListener('abort', abort, { once: true })
  })
