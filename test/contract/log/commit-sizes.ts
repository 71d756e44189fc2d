import { describe, expect, it } from 'vitest'
import { joinByHand, keysOf, type LogBench, numberedKeys, outputOf, scanAll } from './bench.ts'

/** Commits of nothing, of very much, and of several tasks at once. */
export const commitSizeClauses = (bench: () => LogBench): void => {
  describe('a commit', () => {
    it('moves positions without outputs', async () => {
      const input = await bench().topic()
      const { task } = await joinByHand(bench().log, { group: 'empty', inputs: [input] })
      await (await task()).commit([], { [input]: 2 })
      await expect.poll(() => bench().log.committed('empty', input)).toEqual([2])
    })

    it('keeps the order of ten thousand records', async () => {
      const topic = await bench().topic()
      const keys = numberedKeys(10_000)
      await bench().append(topic, ...keys)
      const records = await scanAll(bench().log, topic)
      expect(keysOf(records)).toEqual(keys)
      expect(records.every((record, i) => i === 0 || record.offset > records[i - 1]!.offset)).toBe(true)
    })

    it('does not mix what several partitions commit at the same time', async () => {
      const [input, output] = [await bench().topic(3), await bench().topic(3)]
      const { task } = await joinByHand(bench().log, { group: 'parallel', inputs: [input], output })
      const commits = [0, 1, 2].map(async (partition) => {
        const own = await task(partition)
        for (let i = 1; i <= 15; i++) {
          await own.commit([outputOf(output, { partition, key: `${partition}.${i}` })], { [input]: i })
        }
      })
      await Promise.all(commits)
      await bench().reopen()
      for (const partition of [0, 1, 2]) {
        const keys = keysOf(await scanAll(bench().log, output, { partition }))
        expect(keys).toEqual(Array.from({ length: 15 }, (_, i) => `${partition}.${i + 1}`))
      }
      expect(await bench().log.committed('parallel', input)).toEqual([15, 15, 15])
    })
  })
}
