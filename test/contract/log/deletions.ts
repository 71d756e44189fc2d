import { describe, expect, it } from 'vitest'
import { freshName, joinByHand, keysOf, type LogBench, numberedKeys, scanAll } from './bench.ts'

/** Topics and groups that are deleted. */
export const deletionClauses = (bench: () => LogBench): void => {
  describe('deletions', () => {
    const committedGroup = async (topic: string): Promise<string> => {
      const group = freshName('group')
      const { membership, task } = await joinByHand(bench().log, { group, inputs: [topic] })
      await (await task()).commit([], { [topic]: 2 })
      await membership.stop()
      return group
    }

    it('of a topic take its records and all positions in it, also after a reopening, and leave others', async () => {
      const [gone, stays] = [await bench().topic(2), await bench().topic(2)]
      for (const topic of [gone, stays]) await bench().append(topic, ...numberedKeys(500))
      const group = await committedGroup(gone)
      const other = await committedGroup(stays)
      await bench().log.deleteTopics([gone, freshName('never')])
      for (let round = 0; round < 2; round++) {
        expect(await bench().log.topics()).not.toHaveProperty(gone)
        expect(keysOf(await scanAll(bench().log, stays))).toEqual(numberedKeys(500))
        expect((await bench().log.committed(other, stays))[0]).toBe(2)
        await bench().reopen()
      }
      await bench().log.createTopics([{ topic: gone, partitions: 2 }])
      expect(await bench().log.ends(gone)).toEqual([0, 0])
      expect(await bench().log.committed(group, gone)).toEqual([undefined, undefined])
    })

    it('of a topic leave its name free for one that begins empty', async () => {
      const [topic, later] = [await bench().topic(), await bench().topic()]
      await bench().append(topic, 'old')
      await bench().append(later, 'kept')
      await bench().log.deleteTopics([topic])
      const fresh = await bench().topic(3)
      await bench().log.createTopics([{ topic, partitions: 3 }])
      await bench().append(topic, 'new')
      await bench().reopen()
      expect(keysOf(await scanAll(bench().log, topic))).toEqual(['new'])
      expect(keysOf(await scanAll(bench().log, later))).toEqual(['kept'])
      expect(await scanAll(bench().log, fresh)).toEqual([])
    })

    it('of a group take its positions and no records', async () => {
      const topic = await bench().topic()
      await bench().append(topic, 'a', 'b', 'c')
      const [gone, stays] = [await committedGroup(topic), await committedGroup(topic)]
      await bench().log.deleteGroups([gone, freshName('never')])
      for (let round = 0; round < 2; round++) {
        expect(await bench().log.committed(gone, topic)).toEqual([undefined])
        expect(await bench().log.committed(stays, topic)).toEqual([2])
        expect(keysOf(await scanAll(bench().log, topic))).toEqual(['a', 'b', 'c'])
        await bench().reopen()
      }
    })
  })
}
