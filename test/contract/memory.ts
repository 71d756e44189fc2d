import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { KnownAnswer, Memory } from '../../services/translate/memory.ts'
import { noUsage, type TranslateAnswer } from '../../services/translate/translator.ts'

/** Where memories of one kind are opened: what was put into one is there for the next. */
export interface MemoryWorld {
  open(): Promise<Memory>
  close(): Promise<void>
}

/** An answer with a text. */
export const answerOf = (text: string, usage: Partial<TranslateAnswer['usage']> = {}): TranslateAnswer => ({
  text,
  usage: { ...noUsage, model: 'm', cost_usd: null, ...usage },
})

/** All answers of a memory. */
export const allOf = async (memory: Memory): Promise<KnownAnswer[]> => {
  const all: KnownAnswer[] = []
  for await (const batch of memory.entries()) all.push(...batch)
  return all
}

/** What the comments of `services/translate/memory.ts` promise, as tests that every adapter passes. */
export const memoryContract = (name: string, makeWorld: () => Promise<MemoryWorld>): void => {
  describe(name, () => {
    let world: MemoryWorld
    let memory: Memory
    beforeEach(async () => {
      world = await makeWorld()
      memory = await world.open()
    })
    afterEach(async () => {
      await memory.close()
      await world.close()
    })

    it('gives back what was put, in the order of the keys, also after it was closed', async () => {
      const odd = answerOf(`ا\u0000\ud83d\ude00 ' \\' \n\t "x"`, {
        model: "it's",
        cost_usd: 0.000001234,
        latency_ms: 1.5,
      })
      const long = answerOf('كلمة '.repeat(50_000))
      await memory.put([
        { key: "a'\\b", answer: odd },
        { key: 'b', answer: long },
      ])
      expect(await memory.get(['b', 'none', "a'\\b", 'b'])).toEqual([long, undefined, odd, long])
      await memory.close()
      memory = await world.open()
      expect(await memory.get(['b', 'none', "a'\\b"])).toEqual([long, undefined, odd])
      expect(await memory.count()).toBe(2)
    })

    it('keeps the first answer of a key and says which one stands', async () => {
      expect(await memory.put([{ key: 'a', answer: answerOf('first') }])).toEqual([answerOf('first')])
      const puts = [
        { key: 'a', answer: answerOf('second') },
        { key: 'b', answer: answerOf('other') },
        { key: 'b', answer: answerOf('too late') },
      ]
      const standing = [answerOf('first'), answerOf('other'), answerOf('other')]
      expect(await memory.put(puts)).toEqual(standing)
      expect(await memory.get(['a', 'b'])).toEqual(standing.slice(0, 2))
      expect(await memory.count()).toBe(2)
    })

    it('gives one answer to all who put a key at once', async () => {
      const texts = Array.from({ length: 20 }, (_, i) => `text ${i}`)
      const given = await Promise.all(texts.map((text) => memory.put([{ key: 'same', answer: answerOf(text) }])))
      const [standing] = await memory.get(['same'])
      expect(new Set(given.map(([answer]) => answer?.text))).toEqual(new Set([standing?.text]))
    })

    it('puts and gets nothing at once', async () => {
      expect(await memory.put([])).toEqual([])
      expect(await memory.get([])).toEqual([])
      expect(await memory.remove([])).toBe(0)
      expect(await allOf(memory)).toEqual([])
    })

    it('lists all answers in the order of their keys', async () => {
      const keys = Array.from({ length: 2500 }, (_, i) => i.toString(16).padStart(4, '0'))
      await memory.put(keys.toReversed().map((key) => ({ key, answer: answerOf(`text ${key}`) })))
      const all = await allOf(memory)
      expect(all.map(({ key }) => key)).toEqual(keys)
      expect(all[77]).toEqual({ key: '004d', answer: answerOf('text 004d') })
      expect(await memory.count()).toBe(2500)
    })

    it('forgets what is removed, and takes a new answer for it', async () => {
      await memory.put(['a', 'b', 'c'].map((key) => ({ key, answer: answerOf(key) })))
      expect(await memory.remove(['a', 'c', 'c', 'none'])).toBe(2)
      expect(await memory.get(['a', 'b', 'c'])).toEqual([undefined, answerOf('b'), undefined])
      expect(await memory.count()).toBe(1)
      expect(await memory.put([{ key: 'a', answer: answerOf('new') }])).toEqual([answerOf('new')])
      expect((await allOf(memory)).map(({ answer }) => answer.text)).toEqual(['new', 'b'])
    })
  })
}
