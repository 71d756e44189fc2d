import { describe, expect, it } from 'vitest'
import { freshName, joinByHand, keysOf, type LogBench, numberedKeys, outputOf, readRecords } from './bench.ts'

/** Where a task goes on. */
export const positionClauses = (bench: () => LogBench): void => {
  /** An output whose last record was made of what stands before these positions. */
  const outputBehind = async (position: string | undefined) => {
    const output = await bench().topic()
    const writer = await bench().log.writer(output)
    const headers = (text: string | undefined) => (text === undefined ? {} : { position: text })
    await writer.commit([
      outputOf(output, { headers: headers('1,1') }),
      outputOf(output, { headers: headers(position) }),
    ])
    return output
  }

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

    it('that is lost is found in the last output, for every input', async () => {
      const [one, two] = [await bench().topic(), await bench().topic()]
      await bench().append(one, ...numberedKeys(5))
      await bench().append(two, ...numberedKeys(5))
      const own = await (
        await joinByHand(bench().log, { inputs: [one, two], output: await outputBehind('2,4') })
      ).task()
      expect(own.start).toEqual({ [one]: 2, [two]: 4 })
      expect(keysOf(await readRecords(own, one, 3))).toEqual(['key-2', 'key-3', 'key-4'])
      expect(keysOf(await readRecords(own, two, 1))).toEqual(['key-4'])
    })

    it('that is committed goes before what the output tells', async () => {
      const input = await bench().topic()
      const group = freshName('group')
      const { task, membership } = await joinByHand(bench().log, { group, inputs: [input] })
      await (await task()).commit([], { [input]: 3 })
      await membership.stop()
      const own = await (
        await joinByHand(bench().log, { group, inputs: [input], output: await outputBehind('1') })
      ).task()
      expect(own.start).toEqual({ [input]: 3 })
    })

    it('that is lost where the output is empty is the beginning', async () => {
      const [input, output] = [await bench().topic(), await bench().topic()]
      const own = await (await joinByHand(bench().log, { inputs: [input], output })).task()
      expect(own.start).toEqual({ [input]: 0 })
    })

    it.each([undefined, '', 'x', '-1', '1.5', '7'])(
      'that is lost and not in the output (%j) stops the group',
      async (told) => {
        const [one, two] = [await bench().topic(), await bench().topic()]
        const { membership } = await joinByHand(bench().log, { inputs: [one, two], output: await outputBehind(told) })
        await expect(membership.done).rejects.toMatchObject({
          code: 'log_broken',
          message: expect.stringContaining('lost'),
        })
      },
    )
  })
}
