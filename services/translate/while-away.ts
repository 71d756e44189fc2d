import { KalamError } from '../../dataflow/error.ts'
import { pause } from './abortable.ts'

/** How long a server that is away is waited for. */
export interface Patience {
  /** After which time it is given up. */
  mostMs: number
  /** Told before every wait. */
  onWait?: ((event: { reason: string; message: string; waitMs: number }) => void) | undefined
}

const firstMs = 250
const longestMs = 30_000

/** Repeats what failed with a retryable KalamError, after growing waits, until it succeeds, time is up or the signal is aborted. */
export const whileAway = async <Result>(
  work: () => Promise<Result>,
  { mostMs, onWait }: Patience,
  signal: AbortSignal,
): Promise<Result> => {
  const since = Date.now()
  for (let waitMs = firstMs; ; waitMs = Math.min(longestMs, waitMs * 2)) {
    try {
      signal.throwIfAborted()
      return await work()
    } catch (thrown) {
      if (!(thrown instanceof KalamError) || !thrown.retryable || Date.now() - since > mostMs) throw thrown
      const jittered = waitMs * (0.75 + Math.random() / 2)
      onWait?.({ reason: thrown.code, message: thrown.message, waitMs: jittered })
      await pause(jittered, signal)
    }
  }
}
