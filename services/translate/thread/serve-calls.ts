import { setMaxListeners } from 'node:events'
import { deferred } from '../../../dataflow/deferred.ts'
import type { CalledConfig } from '../../config.ts'
import type { WaitEvent } from '../calls/retried.ts'
import type { StandReason } from '../calls/standing.ts'
import type { LocalMemory } from '../lmdb-memory.ts'
import { openBackend } from '../open-backend.ts'
import { type OpenedTranslator, openCalled, sharedLimiters } from '../open-called.ts'
import type { TranslatorEnvironment } from '../open-translator.ts'
import type { TranslateAnswer, TranslateRequest, Translator } from '../translator.ts'
import { type FromThread, gathered, sentError, type ThreadPort, type ToThread, taking } from './messages.ts'

/** How often it is looked whether a line stands still, in milliseconds. */
const lookMs = 100

/** What calls are made with in the thread. */
export interface CallsEnvironment extends Pick<TranslatorEnvironment, 'base' | 'env' | 'now'> {
  /** Opens the memory; it is closed with the thread. */
  openMemory(onWait: (event: WaitEvent) => void): LocalMemory
}

/** The thread's side: opens translators and makes their calls as it is told; resolves when it is told to close and has. */
export const serveCalls = (
  port: ThreadPort<FromThread, ToThread>,
  { openMemory, ...environment }: CallsEnvironment,
): Promise<void> => {
  const post = gathered<FromThread>((messages) => port.post(messages))
  const waits = (line: string | undefined, event: WaitEvent) => post({ kind: 'waits', line, event })
  const memory = openMemory((event) => waits(undefined, event))
  const outside = { ...environment, memory, limiterOf: sharedLimiters(environment.env), moduleAt: () => undefined }
  const opened = new Map<number, OpenedTranslator>()
  const controllers = new Map<number, AbortController>()
  /** Which request that was asked for a call is of. */
  const askOf = new WeakMap<TranslateRequest, number>()
  const seen = callsSeen(post, askOf)
  const closed = deferred()

  const signalOf = (number: number): AbortSignal => {
    let controller = controllers.get(number)
    if (!controller) {
      controller = new AbortController()
      setMaxListeners(0, controller.signal)
      controllers.set(number, controller)
    }
    return controller.signal
  }
  const open = (of: number, name: string, settings: CalledConfig): OpenedTranslator =>
    openCalled(name, settings, openBackend(name, settings, outside), {
      ...outside,
      onWait: ({ line, ...event }) => waits(line, event),
      wrapBackend: (backend) => seen(backend, of),
    })
  const answer = (ask: number, work: Promise<TranslateAnswer | undefined>): void =>
    void work.then(
      (answer) => post({ kind: 'answered', ask, answer }),
      (thrown) => post({ kind: 'failed', ask, thrown: sentError(thrown) }),
    )
  const look = setInterval(standsSeen(post, opened), lookMs)
  const close = async (): Promise<void> => {
    clearInterval(look)
    for (const { translator } of opened.values()) await translator.close?.()
    await memory.close()
  }
  port.onMessages(
    taking<ToThread>({
      open: ({ of, name, settings }) => void opened.set(of, open(of, name, settings)),
      ask({ ask, of, request, signal }) {
        askOf.set(request, ask)
        answer(ask, opened.get(of)!.translator.translate(request, { signal: signalOf(signal) }))
      },
      probe({ ask, of, targetLanguage, untilMs, signal }) {
        const probe = opened.get(of)!.probe!(targetLanguage)
        const answered = probe({ patienceMs: untilMs - Date.now(), signal: signalOf(signal) })
        answer(
          ask,
          answered.then(() => undefined),
        )
      },
      abort({ signal }) {
        controllers.get(signal)?.abort()
        controllers.delete(signal)
      },
      close: () => void close().then(closed.resolve, closed.reject),
    }),
  )
  return closed.promise
}

/** The same backends, whose calls are told when they begin and end. */
const callsSeen = (post: (message: FromThread) => void, askOf: WeakMap<TranslateRequest, number>) => {
  let calls = 0
  return (backend: Translator, of: number): Translator => ({
    ...backend,
    async translate(request, options) {
      const call = ++calls
      const ask = askOf.get(request)
      post({ kind: 'began', call, of, ask, request: ask === undefined ? request : undefined })
      try {
        const answer = await backend.translate(request, options)
        post({ kind: 'ended', call, usage: answer.usage, thrown: undefined })
        return answer
      } catch (thrown) {
        post({ kind: 'ended', call, usage: undefined, thrown: sentError(thrown) })
        throw thrown
      }
    },
  })
}

/** Tells of translators that stand still, and of those that go on, since it was called before. */
const standsSeen = (post: (message: FromThread) => void, opened: ReadonlyMap<number, OpenedTranslator>) => {
  const told = new Map<number, StandReason | undefined>()
  return (): void => {
    for (const [of, { stand }] of opened) {
      const reason = stand?.reason
      const before = told.get(of)
      if (reason?.message === before?.message && reason?.code === before?.code) continue
      told.set(of, reason)
      post({ kind: 'stands', of, reason, sinceMs: stand?.sinceMs ?? 0 })
    }
  }
}
