import { createHash } from 'node:crypto'
import { orAborted } from './abortable.ts'
import type { Memory } from './memory.ts'
import type { TranslateAnswer, TranslateRequest, Translator } from './translator.ts'

/** The same translator, which asks the memory first and stores every answer before it gives it. Equal calls under way are one. */
export const remembered = (translator: Translator, memory: Memory): Translator => {
  const underWay = new Map<string, { answer: Promise<TranslateAnswer>; signal: AbortSignal }>()

  const answerOf = async (key: string, request: TranslateRequest, call: Call): Promise<TranslateAnswer> => {
    // A shared memory that is away is waited for, but not by a line that stops.
    const [known] = await orAborted(memory.get([key]), call.signal)
    if (known) return { ...known, fromMemory: true }
    const { bill, ...answer } = await translator.translate(request, call)
    const [kept] = await orAborted(memory.put([{ key, answer, bill }]), call.signal)
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

type Call = Parameters<Translator['translate']>[1]

/** SHA-256 over all that an answer depends on. */
export const memoryKey = (translator: Translator, request: TranslateRequest): string =>
  createHash('sha256')
    .update(`${translator.fingerprint}\0${request.sample}\0${request.attempt}\0${translator.render(request)}`)
    .digest('hex')
