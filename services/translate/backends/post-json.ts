import { EventEmitter } from 'node:events'
import type { Agent } from 'undici'

/** An answer with its whole body. */
export interface JsonAnswer {
  status: number
  header(name: string): string | undefined
  text: string
}

/** Where a call goes; `origin` and `path` as undici takes them. */
export interface Place {
  origin: string
  path: string
}

/** A path below a base URL, whose query stays behind it. */
export const placeBelow = (base: string, path: string): Place => {
  const { origin, pathname, search } = new URL(base)
  return { origin, path: `${pathname.replace(/\/+$/, '')}${path}${search}` }
}

/** What a call is aborted with when it took too long. */
export const tookTooLong = Symbol('took too long')

/** Makes a function that posts JSON; it rejects with `tookTooLong`, the signal's reason, or what undici says. */
export const jsonPoster = (agent: Agent, headers: Record<string, string>, timeoutMs: number) => {
  const sent = { 'content-type': 'application/json', accept: 'application/json', 'user-agent': 'kalam', ...headers }
  const underWay = callsUnderWay()
  return async ({ origin, path }: Place, body: string, signal: AbortSignal): Promise<JsonAnswer> => {
    signal.throwIfAborted()
    const call = underWay.begin(signal)
    // After a busy turn timers come before what has arrived: one turn more, and an answer that is here counts.
    const timer = setTimeout(() => setImmediate(stop, call, tookTooLong), timeoutMs)
    try {
      const answer = await agent.request({ origin, path, method: 'POST', headers: sent, body, signal: call })
      const text = await answer.body.text()
      const { statusCode: status, headers: got } = answer
      return { status, text, header: (name) => [got[name]].flat()[0] }
    } catch (thrown) {
      // Which error undici makes of an abort depends on how far the call was.
      throw call.why ?? thrown
    } finally {
      clearTimeout(timer)
      underWay.end(signal, call)
    }
  }
}

/** What undici listens to: of its signals the one that costs least per call. */
interface Abortable extends EventEmitter {
  why?: unknown
}

const stop = (call: Abortable, why: unknown): void => {
  call.why ??= why
  call.emit('abort')
}

/** The calls that a signal ends, with one listener for all of them: listeners cost more the more there are. */
const callsUnderWay = () => {
  const known = new WeakMap<AbortSignal, Set<Abortable>>()
  const watch = (signal: AbortSignal): Set<Abortable> => {
    const calls = new Set<Abortable>()
    known.set(signal, calls)
    signal.addEventListener('abort', () => calls.forEach((call) => void stop(call, signal.reason)), { once: true })
    return calls
  }
  return {
    begin(signal: AbortSignal): Abortable {
      const call: Abortable = new EventEmitter()
      const calls = known.get(signal) ?? watch(signal)
      calls.add(call)
      return call
    },
    end: (signal: AbortSignal, call: Abortable): void => void known.get(signal)?.delete(call),
  }
}
