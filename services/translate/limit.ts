import type { Translator } from './translator.ts'

/** The same translator with at most its `slots` calls under way; others wait in their order. */
export const limited = (translator: Translator): Translator => {
  let free = translator.slots
  const waiting: (() => void)[] = []
  const release = () => {
    const next = waiting.shift()
    if (next) next()
    else free++
  }
  return {
    ...translator,
    async translate(request, options) {
      if (free > 0) free--
      else await new Promise<void>((resolve) => waiting.push(resolve))
      try {
        options.signal.throwIfAborted()
        return await translator.translate(request, options)
      } finally {
        release()
      }
    },
  }
}
