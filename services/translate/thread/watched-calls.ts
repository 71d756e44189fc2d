import { type Deferred, deferred } from '../../../dataflow/deferred.ts'
import type { TranslatorEnvironment } from '../open-translator.ts'
import type { TranslateAnswer, TranslateRequest, Translator } from '../translator.ts'
import { type FromThread, receivedError } from './messages.ts'

/** Calls of another thread, as seen by what wraps backends in this one. */
export interface WatchedCalls {
  /** From now on the calls of a translator are seen. What sees them gets answers without their text. */
  watch(of: number, backend: Translator, about: { name: string; timeoutMs: number }): void
  /** A call begins; `request` is undefined when it is not wanted any more. */
  began(
    message: Extract<FromThread, { kind: 'began' }>,
    request: TranslateRequest | undefined,
    signal: AbortSignal,
  ): void
  ended(message: Extract<FromThread, { kind: 'ended' }>): void
}

interface UnderWay extends Deferred {
  usage?: TranslateAnswer['usage']
}

/** Makes them; `wrapBackend` sees a backend whose calls last as long as the other thread's. */
export const watchedCalls = (wrapBackend: TranslatorEnvironment['wrapBackend']): WatchedCalls => {
  const watched = new Map<number, Translator>()
  const calls = new Map<number, UnderWay>()
  const callOf = new WeakMap<TranslateRequest, UnderWay>()
  return {
    watch(of, backend, about) {
      const stand: Translator = {
        ...backend,
        async translate(request) {
          const call = callOf.get(request)!
          await call.promise
          return { text: '', usage: call.usage! }
        },
      }
      if (wrapBackend) watched.set(of, wrapBackend(stand, about))
    },
    began({ call, of }, request, signal) {
      const translator = watched.get(of)
      if (!translator || !request) return
      const underWay: UnderWay = deferred()
      calls.set(call, underWay)
      callOf.set(request, underWay)
      translator.translate(request, { signal }).catch(() => undefined)
    },
    ended({ call, usage, thrown }) {
      const underWay = calls.get(call)
      if (!underWay) return
      calls.delete(call)
      if (usage) underWay.usage = usage
      if (thrown) underWay.reject(receivedError(thrown))
      else underWay.resolve()
    },
  }
}
