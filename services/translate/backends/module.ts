import { createHash } from 'node:crypto'
import { KalamError, messageOf } from '../../../dataflow/error.ts'
import { canonicalJson } from '../../../dataflow/settings-hash.ts'
import { orAborted } from '../abortable.ts'
import type { TranslateRequest, Translator } from '../translator.ts'
import { type OwnAnswer, ownError, readOwnAnswer } from './own-answer.ts'

const version = 1

/** What a user's module exports as `translator`, or gives from a function of that name. */
export interface OwnTranslator {
  /** Changes whenever answers may change. */
  fingerprint: string
  /** The most calls at once, if fewer than translators.<name>.slots. */
  slots?: number
  /** Rejects with an error whose `retryable` is true when the same call may succeed later; any other is a refusal of the text. */
  translate(request: TranslateRequest, options: { signal: AbortSignal }): Promise<OwnAnswer> | OwnAnswer
  close?(): Promise<void> | void
}

/** Settings of a module. */
export interface ModuleOptions {
  /** Name of the translator, for messages. */
  name: string
  own: OwnTranslator
  /** What the module got. */
  options: Record<string, unknown>
  timeoutMs: number
  slots: number
  now(): number
}

/** A module of the user (docs/translators.md), called in this process. A call that takes too long is let go, whatever it does. */
export const moduleTranslator = ({ name, own, options, timeoutMs, slots, now }: ModuleOptions): Translator => ({
  backend: 'module',
  fingerprint: createHash('sha256')
    .update(canonicalJson([`module@${version}`, own.fingerprint, options]))
    .digest('hex'),
  slots: Math.min(slots, own.slots ?? slots),
  paid: true,
  render: ({ text, sourceLanguage, targetLanguage }) => canonicalJson({ text, sourceLanguage, targetLanguage }),
  async translate(request, { signal }) {
    const doing = `translating ${request.id}#${request.messageIndex} with ${name}`
    const started = performance.now()
    signal.throwIfAborted()
    const inner = new AbortController()
    const abort = () => inner.abort(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    const timer = setTimeout(() => inner.abort(late(doing, timeoutMs)), timeoutMs)
    try {
      const asked = Promise.resolve().then(() => own.translate({ ...request }, { signal: inner.signal }))
      const answer = await orAborted(asked, inner.signal)
      return readOwnAnswer(answer, { doing, latencyMs: performance.now() - started, nowMs: now() })
    } catch (thrown) {
      if (inner.signal.aborted) throw inner.signal.reason
      if (thrown instanceof KalamError) throw thrown
      const retryable = (thrown as { retryable?: unknown } | undefined)?.retryable === true
      throw ownError({ message: messageOf(thrown), retryable, name, cause: thrown }, doing)
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
    }
  },
  close: async () => own.close?.(),
})

const late = (doing: string, timeoutMs: number): KalamError =>
  new KalamError('timeout', `${doing}: no answer in ${timeoutMs / 1000} s`, { retryable: true })
