import { type ErrorCode, KalamError } from '../dataflow/error.ts'
import type { TranslatorLine } from '../services/translate/open-translator.ts'

const lookMs = 100

/**
 * A run waits for ever, who tries a text does not. Works with a line whose calls end where the line stands still, with its
 * reason, and where one of them, with all repeats, takes more than `mostMs`: KalamError timeout.
 */
export const withPatience = async <Result>(
  line: TranslatorLine,
  mostMs: number,
  work: (line: TranslatorLine, signal: AbortSignal) => Promise<Result>,
): Promise<Result> => {
  const stop = new AbortController()
  const { translator } = line
  let since: number | undefined
  const timed = {
    ...translator,
    async translate(...call: Parameters<typeof translator.translate>) {
      since = Date.now()
      try {
        return await translator.translate(...call)
      } catch (thrown) {
        throw stop.signal.aborted ? stop.signal.reason : thrown
      } finally {
        since = undefined
      }
    },
  }
  const timer = setInterval(() => {
    if (since === undefined) return
    const reason = line.stand?.reason
    if (reason) {
      const { code, message, hint } = reason
      stop.abort(new KalamError(code as ErrorCode, message, { ...(hint !== undefined && { hint }) }))
    } else if (Date.now() - since > mostMs) {
      const fact = `no answer within ${Math.round(mostMs / 1000)} s, however often it was asked`
      stop.abort(new KalamError('timeout', `trying ${line.line}: ${fact}`, { retryable: true }))
    }
  }, lookMs)
  try {
    return await work({ ...line, translator: timed }, stop.signal)
  } finally {
    clearInterval(timer)
  }
}
