import { describe, expect, it } from 'vitest'
import { freshName, joinByHand, keysOf, type LogBench, outputOf, scanAll } from './bench.ts'

/** `commit` is atomic: outputs become readable and positions move together, durably, or not at all. */
export const commitClauses = (bench: () => LogBench): void => {
  describe('commit', () => {
    it('appends to several partitions and topics and moves positions, durably', async () => {
      const [input, one, two] = [await bench().topic(2), await bench().topic(2), await bench().topic(2)]
      const group = 'several'
      const { task } = await joinByHand(bench().log, { group, inputs: [input] })
      const outputs = [
        outputOf(one, { partition: 0, key: 'a' }),
        outputOf(two, { partition: 1, key: 'b' }),
        outputOf(one, { partition: 1, key: 'c' }),
        outputOf(one, { partition: 0, key: 'd' }),
      ]
      await (await task(1)).commit(outputs, { [input]: 5 })
      for (const check of ['at once', 'after a reopening']) {
        const { log } = bench()
        expect(keysOf(await scanAll(log, one, { partition: 0 })), check).toEqual(['a', 'd'])
        expect(keysOf(await scanAll(log, one, { partition: 1 })), check).toEqual(['c'])
        expect(keysOf(await scanAll(log, two, { partition: 0 })), check).toEqual([])
        expect(keysOf(await scanAll(log, two, { partition: 1 })), check).toEqual(['b'])
        await expect.poll(() => log.committed(group, input), { message: check }).toEqual([undefined, 5])
        await bench().reopen()
      }
    })

    it('leaves nothing behind when it is refused', async () => {
      const [input, output] = [await bench().topic(), await bench().topic()]
      const group = 'refused'
      const { task } = await joinByHand(bench().log, { group, inputs: [input] })
      const outputs = [outputOf(output, { key: 'good' }), outputOf(output, { partition: 7, key: 'bad' })]
      const before = await bench().log.ends(output)
      await expect((await task()).commit(outputs, { [input]: 3 })).rejects.toThrow(output)
      await bench().reopen()
      expect(await scanAll(bench().log, output)).toEqual([])
      expect(await bench().log.ends(output)).toEqual(before)
      expect(await bench().log.committed(group, input)).toEqual([undefined])
      await bench().append(output, 'next')
      expect(keysOf(await scanAll(bench().log, output))).toEqual(['next'])
    })

    it('shows a position never before the outputs that belong to it', async () => {
      const [input, output] = [await bench().topic(), await bench().topic()]
      for (let round = 1; round <= 20; round++) {
        const group = freshName('group')
        const { task } = await joinByHand(bench().log, { group, inputs: [input] })
        let pending = true
        const commit = (await task()).commit([outputOf(output, { size: 100_000 })], { [input]: round })
        const resolved = commit.then(() => {
          pending = false
        })
        while (pending) {
          const [position] = await bench().log.committed(group, input)
          const records = await scanAll(bench().log, output)
          if (position !== undefined) expect([position, records.length]).toEqual([round, round])
          await new Promise(setImmediate)
        }
        await resolved
      }
    })
  })
}
