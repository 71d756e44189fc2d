import { KalamError } from '../../../dataflow/error.ts'
import { orAborted, pause } from '../abortable.ts'
import type { TranslateAnswer, TranslateRequest, Translator } from '../translator.ts'
import { breaker } from './breaker.ts'
import { type CallOrder, callOrder } from './call-order.ts'

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

/** Who waits for the next day looks again after so many milliseconds: its clock may have been wrong. */
const longestOwnMs = 3_600_000

/** What is asked to see whether the endpoint works when no other call tells. */
export const greeting = 'Hello.'

/**
 * The same translator, repeating calls that may succeed later. A call is given up only after `attempts` errors or timeouts between
 * which other calls were answered: while nothing is answered the endpoint is away, and all calls wait behind its breaker. When no
 * other call is there to tell, a greeting is translated instead. A refusal of the call itself carries `details.ofText`.
 */
export const retried = (translator: Translator, options: RetryOptions): Translator => {
  const endpoint = watched(translator, options)

  const wait = async ({ code, message, details }: KalamError, round: number, { signal }: Call): Promise<void> => {
    const jitter = 0.5 + options.random() / 2
    const backoffMs = Math.min(options.longestWaitMs, options.firstWaitMs * 2 ** Math.min(round, 20)) * jitter
    // The limiter of the endpoint keeps everybody away for as long as the server asks.
    const askedMs = Number(details.retryAfterMs ?? 0) || 0
    options.onWait?.({ reason: code, message, waitMs: Math.max(backoffMs, askedMs) })
    // What this translator sets itself is nobody else's.
    await pause(details.own === true ? Math.max(backoffMs, Math.min(askedMs, longestOwnMs)) : backoffMs, signal)
  }

  /** The error of a call that is not made again: the text's own only if a call that begins after it is answered. */
  const final = async (thrown: KalamError, signal: AbortSignal): Promise<KalamError> => {
    if (!mayBeTheText(thrown)) return thrown
    const { order } = endpoint
    const { begun } = order
    await order.othersEnd(signal)
    // A greeting that is under way already began before.
    const isGreeted = endpoint.isGreeting
    if (order.answered <= begun) await endpoint.isBack(signal)
    if (order.answered <= begun && isGreeted) await endpoint.isBack(signal)
    if (order.answered <= begun) return thrown
    const { code, message, hint, details } = thrown
    return new KalamError(code, message, {
      ...(hint && { hint }),
      details: { ...details, ofText: true },
      cause: thrown,
    })
  }

  /** Resolves when the call may be made again. */
  const passes = async (thrown: KalamError, seen: number, round: number, request: TranslateRequest, call: Call) => {
    let rounds = round
    await wait(thrown, rounds, call)
    while (isBlaming(thrown) && endpoint.successes === seen) {
      const open = endpoint.enter(request.text, call.signal)
      if (open) return { rounds, entered: await open.then(() => true) }
      if (await endpoint.isBack(call.signal)) break
      call.signal.throwIfAborted()
      await wait(thrown, ++rounds, call)
    }
    return { rounds, entered: false }
  }

  const repeated = async (request: TranslateRequest, call: Call): Promise<TranslateAnswer> => {
    let failures = 0
    let seen = -1
    let entered = false
    for (let round = 0; ; round++) {
      const open = entered ? undefined : endpoint.enter(request.text, call.signal)
      if (open) await open
      try {
        return await endpoint.ask(request, call)
      } catch (thrown) {
        if (call.signal.aborted || !(thrown instanceof KalamError)) throw thrown
        if (!thrown.retryable) throw await final(thrown, call.signal)
        if (isBlaming(thrown) && endpoint.successes > seen) failures++
        if (failures >= options.attempts) throw givenUp(thrown)
        seen = endpoint.successes
        const passed = await passes(thrown, seen, round, request, call)
        round = passed.rounds
        entered = passed.entered
      }
    }
  }

  return {
    ...translator,
    async translate(request, call) {
      endpoint.begin()
      try {
        return await repeated(request, call)
      } finally {
        endpoint.end()
      }
    },
  }
}

/** An endpoint under the eyes of its breaker. */
interface Watched {
  /** Calls answered with a translation so far. */
  readonly successes: number
  ask(request: TranslateRequest, call: Call): Promise<TranslateAnswer>
  enter(text: string, signal: AbortSignal): Promise<void> | undefined
  /** Around every call: a greeting lasts as long as there is one, whichever it was made for. */
  begin(): void
  end(): void
  readonly order: CallOrder
  /** Whether a greeting is under way. */
  readonly isGreeting: boolean
  /** Whether the endpoint answers a greeting; also true when it refuses for good, which the call itself then meets. */
  isBack(signal: AbortSignal): Promise<boolean>
}

/** Asks an endpoint for something harmless, for all at once; it lasts as long as a call wants it, whichever it began for. */
const greeter = (translator: Translator, order: CallOrder, onAnswer: () => void) => {
  let wanting = 0
  let stop = new AbortController()
  let shared: Promise<boolean> | undefined
  const greet = async (like: TranslateRequest): Promise<boolean> => {
    let number = 0
    const onPlace = () => {
      number ||= order.begin()
    }
    try {
      const request = { ...like, text: greeting, sample: 0, attempt: 0 }
      await translator.translate(request, { signal: stop.signal, onPlace })
      onAnswer()
      order.answer(number)
      return true
    } catch (thrown) {
      return isRefusal(thrown)
    } finally {
      if (number > 0) order.end()
    }
  }
  return {
    get isGreeting() {
      return shared !== undefined
    },
    begin() {
      wanting++
    },
    end() {
      if (--wanting > 0) return
      stop.abort()
      stop = new AbortController()
    },
    /** Whether it is answered, or refused for good. */
    greet(like: TranslateRequest): Promise<boolean> {
      shared ??= greet(like).finally(() => {
        shared = undefined
      })
      return shared
    },
  }
}

const watched = (translator: Translator, options: RetryOptions): Watched => {
  let successes = 0
  let lastFailure = { code: '', message: '' }
  let last: TranslateRequest | undefined
  const order = callOrder()
  const greets = greeter(translator, order, () => {
    successes++
  })
  const door = breaker({
    ...options,
    greet: () => greets.greet(last!),
    onWait: (waitMs) => options.onWait?.({ reason: lastFailure.code, message: lastFailure.message, waitMs }),
  })
  return {
    get successes() {
      return successes
    },
    enter: door.enter,
    begin: greets.begin,
    end: greets.end,
    order,
    get isGreeting() {
      return greets.isGreeting
    },
    async isBack(signal) {
      if (!(await orAborted(greets.greet(last!), signal))) return false
      door.answered()
      return true
    },
    async ask(request, call) {
      last = request
      let number = 0
      const onPlace = () => {
        number ||= order.begin()
        call.onPlace?.()
      }
      try {
        const answer = await translator.translate(request, { signal: call.signal, onPlace })
        successes++
        order.answer(number)
        door.answered()
        return answer
      } catch (thrown) {
        if (call.signal.aborted || !(thrown instanceof KalamError) || isOfLine(thrown)) door.left(request.text)
        else if (!isBlaming(thrown)) door.answered()
        else {
          lastFailure = thrown
          door.failed(request.text)
        }
        throw thrown
      } finally {
        if (number > 0) order.end()
      }
    },
  }
}

/** Errors that may be this call's own fault; a rate limit never is. */
const isBlaming = ({ code }: KalamError): boolean =>
  code === 'server_error' || code === 'timeout' || code === 'backend_unreachable'

/** Errors that every call of the line would meet. */
const isOfLine = ({ code }: KalamError): boolean => code === 'budget_used_up'

/** Statuses by which servers refuse a text: too long, moderated, not understood. */
const statusesOfTexts = new Set<unknown>([400, 403, 413, 422])

const mayBeTheText = ({ code, details }: KalamError): boolean =>
  code === 'backend_refused' && statusesOfTexts.has(details.status)

const isRefusal = (thrown: unknown): boolean => thrown instanceof KalamError && !thrown.retryable

/** A text that makes connections break is the server's error with this text, not a server that cannot be reached. */
const givenUp = (thrown: KalamError): KalamError =>
  thrown.code !== 'backend_unreachable'
    ? thrown
    : new KalamError('server_error', thrown.message, { retryable: true, details: thrown.details, cause: thrown })
