import { type Deferred, deferred } from '../../../dataflow/deferred.ts'
import { KalamError, messageOf } from '../../../dataflow/error.ts'
import { callEnded } from '../../../dataflow/operators/compute-turns.ts'
import type { CalledConfig } from '../../config.ts'
import { onAbort } from '../abortable.ts'
import { freeSlots } from '../calls/slots.ts'
import type { Stand, StandReason } from '../calls/standing.ts'
import { longestMs, type OpenedTranslator, startsAhead } from '../open-called.ts'
import type { TranslatorEnvironment } from '../open-translator.ts'
import type { TranslateAnswer, TranslateRequest, Translator } from '../translator.ts'
import {
  type FromThread,
  gathered,
  receivedError,
  type Taking,
  type ThreadPort,
  type ToThread,
  taking,
} from './messages.ts'

/** A thread that makes the calls of translators, so that nothing else that a process does keeps their places empty. */
export interface CallThread {
  /** The translator as `openCalled` gives it; `backend` is this side's own, for what needs no call. */
  open(name: string, settings: CalledConfig, backend: Translator): OpenedTranslator
  /** Resolves when all calls have ended and their answers are kept. */
  close(): Promise<void>
}

/** What such a thread needs from outside. */
export interface CallThreadEnvironment extends Pick<TranslatorEnvironment, 'wrapBackend'> {
  /** Starts it; it is started with the first request. `onEnd` is told when it ends, closed or not. */
  start(onEnd: (thrown: unknown) => void): ThreadPort<ToThread, FromThread>
  /** Told when a line waits; without a line all do. */
  onWait(event: Extract<FromThread, { kind: 'waits' }>): void
}

/** A translator on this side. */
interface Opened {
  stands: { reason: StandReason | undefined; idleAt: number }
  /** The backend as it is watched; its calls end when the thread's do. */
  watched: Translator | undefined
}

/** A request on its way. */
interface Asked {
  request: TranslateRequest | undefined
  signal: AbortSignal
  onPlace: (() => void) | undefined
  done(answer: TranslateAnswer | undefined): void
  failed(thrown: unknown): void
}

/** A call that is watched. */
interface Watched extends Deferred {
  usage?: TranslateAnswer['usage']
}

/** Makes one, which starts with the first request. */
export const callThread = ({ start, onWait, wrapBackend }: CallThreadEnvironment): CallThread => {
  const opened: Opened[] = []
  const asked = new Map<number, Asked>()
  const calls = new Map<number, Watched>()
  const callOf = new WeakMap<TranslateRequest, Watched>()
  const signals = new WeakMap<AbortSignal, number>()
  const opens: ToThread[] = []
  const closed = deferred()
  let numbers = 0
  let send: ((message: ToThread) => void) | undefined
  let ended: { thrown: unknown } | undefined

  const end = (thrown: unknown) => {
    ended ??= { thrown }
    closed.resolve()
    for (const { failed } of asked.values()) failed(endedError(thrown))
    asked.clear()
  }
  const post = (message: ToThread): void => {
    if (!send) {
      const port = start(end)
      send = gathered((messages) => port.post(messages))
      port.onMessages(taking(takes))
      opens.forEach(send)
    }
    send(message)
  }
  const numberOf = (signal: AbortSignal): number => {
    const known = signals.get(signal)
    if (known !== undefined) return known
    const number = ++numbers
    signals.set(signal, number)
    onAbort(signal, () => post({ kind: 'abort', signal: number }))
    return number
  }
  const asking = (
    of: Omit<Asked, 'done' | 'failed'>,
    message: (numbers: { ask: number; signal: number }) => ToThread,
  ): Promise<TranslateAnswer | undefined> =>
    new Promise((done, failed) => {
      of.signal.throwIfAborted()
      if (ended) throw endedError(ended.thrown)
      const ask = ++numbers
      asked.set(ask, { ...of, done, failed })
      post(message({ ask, signal: numberOf(of.signal) }))
    })
  const settled = (ask: number): Asked | undefined => {
    const one = asked.get(ask)
    asked.delete(ask)
    return one
  }

  /** A call of the thread is one of the watched backend, which only learns its usage. */
  const began = ({ call, of, ask, request }: Extract<FromThread, { kind: 'began' }>) => {
    const about = ask === undefined ? undefined : asked.get(ask)
    about?.onPlace?.()
    const { watched } = opened[of]!
    const what = request ?? about?.request
    if (!watched || !what) return
    const underWay: Watched = deferred()
    calls.set(call, underWay)
    callOf.set(what, underWay)
    watched.translate(what, { signal: about?.signal ?? never }).catch(() => undefined)
  }
  const callHasEnded = ({ call, usage, thrown }: Extract<FromThread, { kind: 'ended' }>) => {
    callEnded()
    const underWay = calls.get(call)
    calls.delete(call)
    if (!underWay) return
    if (usage) underWay.usage = usage
    if (thrown) underWay.reject(receivedError(thrown))
    else underWay.resolve()
  }
  const takes: Taking<FromThread> = {
    began,
    ended: callHasEnded,
    answered: ({ ask, answer }) => settled(ask)?.done(answer),
    failed({ ask, thrown }) {
      const one = settled(ask)
      one?.failed(one.signal.aborted ? one.signal.reason : receivedError(thrown))
    },
    waits: onWait,
    stands({ of, reason, sinceMs }) {
      opened[of]!.stands = { reason, idleAt: performance.now() - sinceMs }
    },
    closed: closed.resolve,
  }
  const watchedOf = (name: string, settings: CalledConfig, backend: Translator): Translator | undefined =>
    wrapBackend?.(
      {
        ...backend,
        async translate(request) {
          const underWay = callOf.get(request)!
          await underWay.promise
          return { text: '', usage: underWay.usage! }
        },
      },
      { name, timeoutMs: longestMs(settings) },
    )

  return {
    open(name, settings, backend) {
      const of = opened.length
      const one: Opened = {
        stands: { reason: undefined, idleAt: 0 },
        watched: watchedOf(name, settings, backend),
      }
      opened.push(one)
      const open: ToThread = { kind: 'open', of, name, settings }
      opens.push(open)
      send?.(open)
      return {
        translator: {
          ...backend,
          translate: async (request, { signal, onPlace }) =>
            (await asking({ request, signal, onPlace }, (at) => ({ kind: 'ask', of, request, ...at })))!,
        },
        stand: standOf(one),
        starts: freeSlots(() => 2 * backend.slots + startsAhead),
        probe:
          (targetLanguage) =>
          async ({ patienceMs, signal }) => {
            await asking({ request: undefined, signal, onPlace: undefined }, (at) => ({
              ...{ kind: 'probe', of, targetLanguage, patienceMs },
              ...at,
            }))
          },
      }
    },
    async close() {
      if (!send || ended) return
      send({ kind: 'close' })
      await closed.promise
    },
  }
}

const never = new AbortController().signal

const standOf = (one: Opened): Stand => ({
  get reason() {
    return one.stands.reason
  },
  get sinceMs() {
    return one.stands.reason ? performance.now() - one.stands.idleAt : 0
  },
})

const endedError = (thrown: unknown): KalamError =>
  new KalamError('internal', `translating: the thread that makes the calls has ended: ${messageOf(thrown)}`, {
    cause: thrown,
  })
