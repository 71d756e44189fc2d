import { createHash } from 'node:crypto'
import type { Memory } from './memory.ts'
import type { TranslateAnswer, TranslateRequest, Translator } from './translator.ts'

/** The same translator, which asks the memory first and stores every answer before it gives it. Equal calls under way are one. */
export const remembered = (translator: Translator, memory: Memory): Translator => {
  const underWay = new Map<string, Promise<TranslateAnswer>>()
  return {
    ...translator,
    async translate(request, options) {
      const key = memoryKey(translator, request)
      const running = underWay.get(key)
      if (running) return { ...(await running), fromMemory: true }
      const answer = answerOf(key, request, options)
      underWay.set(key, answer)
      try {
        return await answer
      } finally {
        underWay.delete(key)
      }
    },
  }

  async function answerOf(
    key: string,
    request: TranslateRequest,
    options: { signal: AbortSignal },
  ): Promise<TranslateAnswer> {
    const [known] = await memory.get([key])
    if (known) return { ...known, fromMemory: true }
    const answer = await translator.translate(request, options)
    await memory.put([{ key, answer }])
    return answer
  }
}

/** SHA-256 over all that an answer depends on. */
export const memoryKey = (translator: Translator, request: TranslateRequest): string =>
  createHash('sha256')
    .update(`${translator.fingerprint}\0${request.sample}\0${request.attempt}\0${translator.render(request)}`)
    .digest('hex')
