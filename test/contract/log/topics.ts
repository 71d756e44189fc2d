import { describe, expect, it } from 'vitest'
import { freshName, keysOf, type LogBench, numberedKeys, outputOf, scanAll } from './bench.ts'

/** Topics, their partitions and their ends. */
export const topicClauses = (bench: () => LogBench): void => {
  describe('topics', () => {
    it('are there with their partition counts once they are created, also after a reopening', async () => {
      const [one, two] = [freshName('one'), freshName('two')]
      await bench().log.createTopics([
        { topic: one, partitions: 3 },
        { topic: two, partitions: 1, compacted: true },
      ])
      expect(await bench().log.topics()).toMatchObject({ [one]: 3, [two]: 1 })
      await bench().reopen()
      expect(await bench().log.topics()).toMatchObject({ [one]: 3, [two]: 1 })
    })

    it('keep their records when they are created again, at the same time too', async () => {
      const topic = freshName('again')
      const create = () => bench().log.createTopics([{ topic, partitions: 2 }])
      await Promise.all([create(), create()])
      await bench().append(topic, 'a')
      await create()
      await bench().reopen()
      await create()
      expect(keysOf(await scanAll(bench().log, topic))).toEqual(['a'])
    })

    it('refuse another partition count and stay as they are', async () => {
      const topic = await bench().topic(2)
      for (const partitions of [1, 3]) {
        await expect(bench().log.createTopics([{ topic, partitions }])).rejects.toMatchObject({
          code: 'log_broken',
          message: expect.stringMatching(`${topic}.*2.*${partitions}`),
        })
      }
      expect(await bench().log.topics()).toMatchObject({ [topic]: 2 })
    })

    it('end behind the last record of each partition', async () => {
      const topic = await bench().topic(3)
      const writer = await bench().log.writer(topic)
      const offsets = await writer.commit(numberedKeys(5).map((key) => outputOf(topic, { partition: 1, key })))
      for (let round = 0; round < 2; round++) {
        const ends = await bench().log.ends(topic)
        expect(ends).toHaveLength(3)
        expect(ends[1]).toBeGreaterThan(offsets[4]!)
        expect(keysOf(await scanAll(bench().log, topic, { partition: 1, to: ends[1]! }))).toEqual(numberedKeys(5))
        expect([ends[0], ends[2]]).toEqual([0, 0])
        await bench().reopen()
      }
    })
  })
}
