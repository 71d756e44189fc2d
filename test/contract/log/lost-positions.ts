import { describe, expect, it } from 'vitest'
import { freshName, joinByHand, keysOf, type LogBench, numberedKeys, outputOf, readRecords } from './bench.ts'

/** Where a task goes on when its group has no committed position. */
export const lostPositionClauses = (bench: () => LogBench): void => {
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
      await bench().append(input, ...numberedKeys(5))
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
