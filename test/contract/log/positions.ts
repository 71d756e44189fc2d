import { describe, expect, it } from 'vitest'
import { freshName, joinByHand, keysOf, type LogBench, numberedKeys, readRecords } from './bench.ts'

/** Where a task goes on. */
export const positionClauses = (bench: () => LogBench): void => {
  describe('a position', () => {
    it('survives a reopening, also in the middle of a commit', async () => {
      const input = await bench().topic()
      const keys = numberedKeys(10)
      const offsets = await bench().append(input, ...keys)
      const first = await (await joinByHand(bench().log, { group: 'middle', inputs: [input] })).task()
      expect(first.start).toEqual({ [input]: 0 })
      await readRecords(first, input, 6, 1)
      await first.commit([], { [input]: offsets[3]! + 1 })
      await bench().reopen()
      const second = await (await joinByHand(bench().log, { group: 'middle', inputs: [input] })).task()
      expect(second.start).toEqual({ [input]: offsets[3]! + 1 })
      expect(keysOf(await readRecords(second, input, 6))).toEqual(keys.slice(4))
    })

    it('does not move by reading: a crash before the commit gives the records again', async () => {
      const input = await bench().topic()
      await bench().append(input, 'a', 'b')
      for (let round = 0; round < 2; round++) {
        const own = await (await joinByHand(bench().log, { group: 'again', inputs: [input] })).task()
        expect(keysOf(await readRecords(own, input, 2))).toEqual(['a', 'b'])
        await bench().reopen()
      }
      expect(await bench().log.committed('again', input)).toEqual([undefined])
    })

    it('belongs to one group: others of the same topic have their own', async () => {
      const input = await bench().topic()
      const [, behind] = await bench().append(input, 'a', 'b', 'c')
      const [one, two] = [freshName('one'), freshName('two')]
      await (await (await joinByHand(bench().log, { group: one, inputs: [input] })).task()).commit([], {
        [input]: behind!,
      })
      await bench().reopen()
      const tasks = await Promise.all([one, two].map((group) => joinByHand(bench().log, { group, inputs: [input] })))
      expect(keysOf(await readRecords(await tasks[0]!.task(), input, 2))).toEqual(['b', 'c'])
      expect(keysOf(await readRecords(await tasks[1]!.task(), input, 3))).toEqual(['a', 'b', 'c'])
    })
  })
}
