import { deferred } from '../../../dataflow/deferred.ts'
import { KalamError, messageOf } from '../../../dataflow/error.ts'
import { callEnded } from '../../../dataflow/operators/compute-turns.ts'
import type { CalledConfig } from '../../config.ts'
import { onAbort } from '../abortable.ts'
import { freeSlots } from '../calls/slots.ts'
import type { Stand, StandReason } from '../calls/standing.ts'
import { longestMs, type OpenedTranslator } from '../open-called.ts'
import type { TranslatorEnvironment } from '../open-translator.ts'
import type { TranslateAnswer, TranslateRequest, Translator } from '../translator.ts'
import { type FromThread, gathered, receivedError, type ThreadPort, type ToThread, taking } from './messages.ts'
import { watchedCalls } from './watched-calls.ts'

/** A thread that makes the calls of translators, so that nothing else that a process does keeps their places empty. */
export interface CallThread {
  /** The translator as `openCalled` gives it; `backend` is this side's own, for what needs no call. */
  open(name: string, settings: CalledConfig, backend: Translator): OpenedTranslator
  /** Resolves when it has ended, behind calls whose answers are being kept. */
  close(): Promise<void>
}

/** What such a thread needs from outside. */
export interface CallThreadEnvironment extends Pick<TranslatorEnvironment, 'wrapBackend'> {
  /** Starts it; it is started with the first request. `onEnd` is told when it ends, closed or not. */
  start(onEnd: (thrown: unknown) => void): ThreadPort<ToThread, FromThread>
  /** Told when a line waits; without a line all do. */
  onWait(event: Extract<FromThread, { kind: 'waits' }>): void
}

/** How many chunks more than there are places may be in the thread: what is ready while this side is busy fills them. */
const aheadOf = (slots: number): number => 64 + slots

/** Whether a translator stands still, as the thread has told, and since when on this side's clock. */
interface Told {
  reason: StandReason | undefined
  idleAt: number
}

/** Makes one, which starts with the first request. */
export const callThread = ({ start, onWait, wrapBackend }: CallThreadEnvironment): CallThread => {
  const stands: Told[] = []
  const watched = watchedCalls(wrapBackend)
  const requests = asking({
    start,
    watched,
    onWait,
    onStands({ of, reason, sinceMs }) {
      Object.assign(stands[of]!, { reason, idleAt: performance.now() - sinceMs })
    },
  })
  return {
    open(name, settings, backend) {
      const told: Told = { reason: undefined, idleAt: 0 }
      const of = stands.push(told) - 1
      watched.watch(of, backend, { name, timeoutMs: longestMs(settings) })
      requests.open({ kind: 'open', of, name, settings })
      return {
        translator: {
          ...backend,
          translate: async (request, call) =>
            (await requests.ask({ request, ...call }, (at) => ({ kind: 'ask', of, request, ...at })))!,
        },
        stand: standOf(told),
        starts: freeSlots(() => backend.slots + aheadOf(backend.slots)),
        probe:
          (targetLanguage) =>
          async ({ patienceMs, signal }) => {
            const untilMs = Date.now() + patienceMs
            await requests.ask({ signal }, (at) => ({ kind: 'probe', of, targetLanguage, untilMs, ...at }))
          },
      }
    },
    close: requests.close,
  }
}

const standOf = (told: Told): Stand => ({
  get reason() {
    return told.reason
  },
  get sinceMs() {
    return told.reason ? performance.now() - told.idleAt : 0
  },
})

/** A request on its way. */
interface Asked {
  request?: TranslateRequest
  signal: AbortSignal
  onPlace?: (() => void) | undefined
}

/** Whoever waits for its answer. */
interface Waiting extends Asked {
  done(answer: TranslateAnswer | undefined): void
  failed(thrown: unknown): void
}

/** Requests to the thread, by numbers. */
const asking = (of: {
  start: CallThreadEnvironment['start']
  watched: ReturnType<typeof watchedCalls>
  onWait: CallThreadEnvironment['onWait']
  onStands(told: Extract<FromThread, { kind: 'stands' }>): void
}) => {
  const { start, watched, onWait, onStands } = of
  const waiting = new Map<number, Waiting>()
  const opens: ToThread[] = []
  const ended = deferred()
  let asks = 0
  let send: ((message: ToThread) => void) | undefined
  let end: { thrown: unknown } | undefined

  const onEnd = (thrown: unknown) => {
    end ??= { thrown }
    ended.resolve()
    for (const { failed } of waiting.values()) failed(endedError(end.thrown))
    waiting.clear()
  }
  const settled = (ask: number): Waiting | undefined => {
    const one = waiting.get(ask)
    waiting.delete(ask)
    return one
  }
  const take = taking<FromThread>({
    began(message) {
      const one = message.ask === undefined ? undefined : waiting.get(message.ask)
      one?.onPlace?.()
      watched.began(message, message.request ?? one?.request, one?.signal ?? never)
    },
    ended(message) {
      callEnded()
      watched.ended(message)
    },
    answered: ({ ask, answer }) => settled(ask)?.done(answer),
    failed({ ask, thrown }) {
      const one = settled(ask)
      one?.failed(one.signal.aborted ? one.signal.reason : receivedError(thrown))
    },
    waits: onWait,
    stands: onStands,
  })
  const post = (message: ToThread): void => {
    if (!send) {
      const port = start(onEnd)
      send = gathered((messages) => port.post(messages))
      port.onMessages(take)
      opens.forEach(send)
    }
    send(message)
  }
  const numberOf = signalNumbers((signal) => post({ kind: 'abort', signal }))
  return {
    open(message: ToThread): void {
      opens.push(message)
      send?.(message)
    },
    ask: (
      asked: Asked,
      message: (numbers: { ask: number; signal: number }) => ToThread,
    ): Promise<TranslateAnswer | undefined> =>
      new Promise((done, failed) => {
        asked.signal.throwIfAborted()
        if (end) throw endedError(end.thrown)
        const ask = ++asks
        waiting.set(ask, { done, failed, ...asked })
        post(message({ ask, signal: numberOf(asked.signal) }))
      }),
    async close(): Promise<void> {
      if (!send || end) return
      send({ kind: 'close' })
      await ended.promise
    },
  }
}

/** Numbers for signals; `abort` is told when one is aborted. */
const signalNumbers = (abort: (number: number) => void) => {
  const known = new WeakMap<AbortSignal, number>()
  let count = 0
  return (signal: AbortSignal): number => {
    const before = known.get(signal)
    if (before !== undefined) return before
    const number = ++count
    known.set(signal, number)
    onAbort(signal, () => abort(number))
    return number
  }
}

const never = new AbortController().signal

const endedError = (thrown: unknown): KalamError =>
  new KalamError('internal', `translating: the thread that makes the calls has ended: ${messageOf(thrown)}`, {
    cause: thrown,
  })
