import type { LocalMemory } from '../lmdb-memory.ts'
import type { Translator } from '../translator.ts'
import { memoryKey } from '../with-memory.ts'

/**
 * The same translator, whose answers are on this machine, with their bills, before they are given. A call keeps its place until then: a
 * process that dies loses no more answers than it has places.
 */
export const kept = (translator: Translator, memory: Pick<LocalMemory, 'keep'>): Translator => ({
  ...translator,
  async translate(request, call) {
    const { bill, ...answer } = await translator.translate(request, call)
    const [standing] = await memory.keep([{ key: memoryKey(translator, request), answer, bill }])
    return standing ?? answer
  },
})
