import { KalamError } from '../../../dataflow/error.ts'
import { orAborted, pause } from '../abortable.ts'
import type { TranslateAnswer } from '../translator.ts'
import { adaptiveLimit } from './adaptive-limit.ts'
import { type Rates, rateLimit } from './rate-limit.ts'
import { freeSlots } from './slots.ts'

/** What holds calls of one endpoint back, shared by all tasks of a process. */
export interface Limiter {
  /**
   * Runs a call as soon as there is a place and the provider's rates allow it; `size` is its length in UTF-16 units. What it tells
   * `onRest` is for how many milliseconds no other may begin. The place is given back when `keep` is done with the answer; its time is not
   * the endpoint's.
   */
  run(
    size: number,
    signal: AbortSignal,
    call: (onRest: (ms: number) => void) => Promise<TranslateAnswer>,
    keep?: (answer: TranslateAnswer) => Promise<TranslateAnswer>,
  ): Promise<TranslateAnswer>
  /** Holds calls to these rates too, from the next one on. */
  restrict(rates: Rates): void
  /** How many calls may be under way now. */
  readonly allowed: number
}

/** The longest that a server may ask to wait, in milliseconds. */
const longestAskedMs = 3_600_000
/** Before answers tell: characters of a rendered request for one token of it and its answer. */
const charactersPerToken = 2
const smoothing = 0.05

/** A limiter of so many places, which adapts to what the endpoint answers. */
export const limiter = (options: { slots: number; rates?: Rates; now?(): number }): Limiter => {
  const now = options.now ?? (() => performance.now())
  const adaptive = adaptiveLimit(options.slots, now)
  const slots = freeSlots(() => adaptive.allowed)
  let closed: Promise<void> | undefined
  let allowed = options.rates ?? {}
  let rates = rateLimit(allowed, now, () => closed)
  let perCharacter = 1 / charactersPerToken
  let closedUntil = 0

  /** A wait that the server asks for is everybody's. */
  const closeFor = (ms: number) => {
    if (closed && now() + ms <= closedUntil) return
    closedUntil = now() + ms
    const closing = new Promise<void>((resolve) => setTimeout(resolve, Math.min(ms, longestAskedMs)).unref())
    closed = closing
    void closing.then(() => {
      if (closed === closing) closed = undefined
    })
  }
  const note = (thrown: unknown) => {
    if (!(thrown instanceof KalamError)) return
    const isOwn = thrown.details.own === true
    if (!isOwn && (thrown.code === 'rate_limited' || thrown.code === 'timeout')) adaptive.pushedBack()
    const askedMs = Number(thrown.details.retryAfterMs ?? 0) || 0
    if (!isOwn && thrown.code === 'rate_limited' && askedMs > 0) closeFor(askedMs)
  }
  const timed = async (
    { size, expected }: { size: number; expected: number },
    call: (onRest: (ms: number) => void) => Promise<TranslateAnswer>,
  ) => {
    const began = now()
    try {
      const answer = await call(closeFor)
      adaptive.answered(now() - began)
      const tokens = answer.usage.prompt_tokens + answer.usage.completion_tokens
      if (tokens > 0) {
        rates.correct(tokens - expected)
        perCharacter += smoothing * (tokens / Math.max(1, size) - perCharacter)
      }
      return answer
    } catch (thrown) {
      note(thrown)
      throw thrown
    }
  }
  return {
    get allowed() {
      return adaptive.allowed
    },
    restrict(more) {
      const strictest = {
        requestsPerMinute: least(allowed.requestsPerMinute, more.requestsPerMinute),
        tokensPerMinute: least(allowed.tokensPerMinute, more.tokensPerMinute),
      }
      const { requestsPerMinute, tokensPerMinute } = strictest
      if (requestsPerMinute === allowed.requestsPerMinute && tokensPerMinute === allowed.tokensPerMinute) return
      allowed = strictest
      rates = rateLimit(allowed, now, () => closed)
    },
    async run(size, signal, call, keep) {
      signal.throwIfAborted()
      const place = slots.take(signal)
      if (place) await place
      try {
        while (closed) {
          await orAborted(closed, signal)
          // Not all at the same moment.
          await pause(Math.random() * 20, signal)
        }
        const turn = rates.enter(() => size * perCharacter, signal)
        const expected = typeof turn === 'number' ? turn : await turn
        const answer = await timed({ size, expected }, call)
        return keep ? await keep(answer) : answer
      } finally {
        slots.release()
      }
    },
  }
}

const least = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? (a ?? b) : Math.min(a, b)
