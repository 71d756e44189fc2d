import { hash } from 'node:crypto'
import { KalamError } from '../../dataflow/error.ts'
import { orAborted } from './abortable.ts'
import type { Memory, MemoryEntry } from './memory.ts'
import { noUsage, type TranslateAnswer, type TranslateRequest, type Translator } from './translator.ts'

/**
 * The same translator, which asks the memory first and stores every answer, and every call that was given up, before it gives it. Equal
 * calls under way are one.
 */
export const remembered = (translator: Translator, memory: Memory): Translator => {
  const underWay = new Map<string, { answer: Promise<TranslateAnswer>; signal: AbortSignal }>()

  const answerOf = async (key: string, request: TranslateRequest, call: Call): Promise<TranslateAnswer> => {
    // A shared memory that is away is waited for, but not by a line that stops.
    const put = async (entry: Omit<MemoryEntry, 'key'>) => {
      const [kept] = await orAborted(memory.put([{ key, ...entry }]), call.signal)
      return kept
    }
    const [known] = await orAborted(memory.get([key]), call.signal)
    if (known?.failure) throw failureOf(known.failure)
    if (known) return { ...known, fromMemory: true }
    let answered: TranslateAnswer
    try {
      answered = await translator.translate(request, call)
    } catch (thrown) {
      const failure = failureIn(thrown)
      // Another process may have had an answer meanwhile.
      const kept = failure && (await put({ answer: { text: '', usage: noUsage, failure } }))
      if (!kept || kept.failure) throw thrown
      answered = kept
    }
    const { bill, ...answer } = answered
    const kept = await put({ answer, bill })
    // Or it may have given the call up: a replay sees that.
    if (kept?.failure) throw failureOf(kept.failure)
    return kept ?? answer
  }

  return {
    ...translator,
    async translate(request, call) {
      const key = memoryKey(translator, request)
      for (let running = underWay.get(key); running; running = underWay.get(key)) {
        try {
          return { ...(await orAborted(running.answer, call.signal)), fromMemory: true }
        } catch (thrown) {
          // Only the other call was aborted: this one has to ask itself.
          if (call.signal.aborted || !running.signal.aborted) throw thrown
        }
      }
      const answer = answerOf(key, request, call)
      underWay.set(key, { answer, signal: call.signal })
      try {
        return await answer
      } finally {
        underWay.delete(key)
      }
    },
  }
}

/** The same translator without its calls: what the memory does not have is KalamError no_translation. */
export const onlyRemembered = (translator: Translator, memory: Memory): Translator => {
  const translate = () => Promise.reject(new KalamError('no_translation', 'looking up: the memory has no answer'))
  return remembered({ ...translator, translate }, memory)
}

type Call = Parameters<Translator['translate']>[1]

/** Errors after which a call is never made again: what is given up once is not asked for by every replay. */
const failureIn = (thrown: unknown): TranslateAnswer['failure'] => {
  if (!(thrown instanceof KalamError)) return undefined
  const { code, message, details } = thrown
  const ofText = details.ofText === true
  return ofText || code === 'server_error' || code === 'timeout' ? { code, message, ofText } : undefined
}

const failureOf = ({ code, message, ofText }: NonNullable<TranslateAnswer['failure']>): KalamError =>
  new KalamError(code, message, { details: { ofText, remembered: true } })

/** What is kept of a rendered request. */
interface Rendered {
  /** SHA-256 over all that an answer depends on. */
  key: string
  /** UTF-16 units. */
  length: number
}

/** Of requests: whoever looks for an answer, calls and keeps it needs it. */
const renderings = new WeakMap<TranslateRequest, Rendered & { fingerprint: string }>()

/** What a translator's request is known by, and its length as it is sent. */
export const renderedAs = (translator: Translator, request: TranslateRequest): Rendered => {
  const { fingerprint } = translator
  const known = renderings.get(request)
  if (known?.fingerprint === fingerprint) return known
  const { sample, attempt } = request
  const text = translator.render(request)
  const key = hash('sha256', `${fingerprint}\0${sample}\0${attempt}\0${text}`, 'hex')
  const rendered = { fingerprint, key, length: text.length }
  renderings.set(request, rendered)
  return rendered
}

/** The key of the memory for a request. */
export const memoryKey = (translator: Translator, request: TranslateRequest): string =>
  renderedAs(translator, request).key
