import { describe, expect, it } from 'vitest'
import { freshName, keysOf, type LogBench, numberedKeys, outputOf, scanAll } from './bench.ts'

/** Transactional writers outside any group. */
export const writerClauses = (bench: () => LogBench): void => {
  describe('a writer', () => {
    it('tells the offset of every record, in the order they were given', async () => {
      const [one, two] = [await bench().topic(2), await bench().topic(2)]
      await bench().append(one, 'before')
      const outputs = numberedKeys(12).map((key, i) => outputOf(i % 3 === 0 ? two : one, { key, partition: i % 2 }))
      const writer = await bench().log.writer(freshName('writer'))
      const offsets = await writer.commit(outputs)
      expect(offsets).toHaveLength(12)
      for (const [i, { topic, partition, key }] of outputs.entries()) {
        const [record] = await scanAll(bench().log, topic, { partition, from: offsets[i]! })
        expect(record).toMatchObject({ offset: offsets[i], key })
      }
    })

    it('tells them also for many megabytes', async () => {
      const topic = await bench().topic()
      const writer = await bench().log.writer(freshName('writer'))
      const keys = numberedKeys(40)
      const offsets = await writer.commit(keys.map((key) => outputOf(topic, { key, size: 200_000 })))
      const records = await scanAll(bench().log, topic)
      expect(records.map(({ offset }) => offset)).toEqual(offsets)
      expect(keysOf(records)).toEqual(keys)
    })

    it('commits nothing as nothing', async () => {
      const writer = await bench().log.writer(freshName('writer'))
      expect(await writer.commit([])).toEqual([])
    })

    it('takes several commits at once, one after the other', async () => {
      const topic = await bench().topic()
      const writer = await bench().log.writer(freshName('writer'))
      const keys = numberedKeys(5)
      const offsets = await Promise.all(keys.map((key) => writer.commit([outputOf(topic, { key })])))
      const records = await scanAll(bench().log, topic)
      expect(keysOf(records)).toEqual(keys)
      expect(records.map(({ offset }) => [offset])).toEqual(offsets)
    })

    it('is fenced by a newer one of the same id, not by others', async () => {
      const topic = await bench().topic()
      const id = freshName('writer')
      const older = await bench().log.writer(id)
      await older.commit([outputOf(topic, { key: 'older' })])
      const newer = await bench().log.writer(id)
      await bench().log.writer(freshName('writer'))
      await expect(older.commit([outputOf(topic, { key: 'zombie' })])).rejects.toThrow(id)
      await newer.commit([outputOf(topic, { key: 'newer' })])
      await older.close()
      await newer.commit([outputOf(topic, { key: 'newest' })])
      expect(keysOf(await scanAll(bench().log, topic))).toEqual(['older', 'newer', 'newest'])
    })

    it('writes next to others into one partition, each commit in one piece', async () => {
      const topic = await bench().topic()
      const writers = await Promise.all(
        ['a', 'b', 'c'].map(async (name) => ({ name, writer: await bench().log.writer(freshName(name)) })),
      )
      await Promise.all(
        writers.map(async ({ name, writer }) => {
          for (let commit = 0; commit < 10; commit++) {
            await writer.commit(numberedKeys(3).map((key) => outputOf(topic, { key: `${name}${commit} ${key}` })))
          }
        }),
      )
      const keys = keysOf(await scanAll(bench().log, topic))
      expect(keys).toHaveLength(90)
      for (let i = 0; i < keys.length; i += 3) {
        const [commit] = keys[i]!.split(' ')
        expect(keys.slice(i, i + 3)).toEqual(numberedKeys(3).map((key) => `${commit} ${key}`))
      }
      for (const name of ['a', 'b', 'c']) {
        const own = keys.filter((key) => key.startsWith(name) && key.endsWith(' key-0'))
        expect(own).toEqual(Array.from({ length: 10 }, (_, commit) => `${name}${commit} key-0`))
      }
    })
  })
}
