import { describe, expect, it } from 'vitest'
import { freshName, joinByHand, type LogBench } from './bench.ts'

/** A group of tasks, and this process's part in it. */
export const groupClauses = (bench: () => LogBench): void => {
  describe('a group', () => {
    it('runs one task for each partition', async () => {
      const input = await bench().topic(4)
      const { task } = await joinByHand(bench().log, { inputs: [input] })
      const tasks = await Promise.all([0, 1, 2, 3].map(task))
      expect(tasks.map(({ partition }) => partition)).toEqual([0, 1, 2, 3])
      expect(tasks.some(({ signal }) => signal.aborted)).toBe(false)
    })

    it('refuses topics with unequal partition counts, the output included', async () => {
      const [two, three] = [await bench().topic(2), await bench().topic(3)]
      for (const options of [{ inputs: [two, three] }, { inputs: [two], output: three }]) {
        const joined = joinByHand(bench().log, options).then(({ membership }) => membership.done)
        await expect(joined).rejects.toMatchObject({
          code: 'log_broken',
          message: expect.stringContaining(`${two} has 2, ${three} has 3`),
        })
      }
    })

    it('works on the first partitions alone when it says how many', async () => {
      const [two, three] = [await bench().topic(2), await bench().topic(3)]
      const works: number[] = []
      const membership = await bench().log.join({
        ...{ group: freshName('group'), inputs: [two, three], partitions: 2 },
        work: async ({ partition }) => void works.push(partition),
      })
      await membership.done
      expect(works.sort()).toEqual([0, 1])
    })

    it('refuses a topic with fewer partitions than it says', async () => {
      const [two, three] = [await bench().topic(2), await bench().topic(3)]
      const joined = joinByHand(bench().log, { inputs: [three, two], partitions: 3 }).then(
        ({ membership }) => membership.done,
      )
      await expect(joined).rejects.toMatchObject({
        code: 'log_broken',
        message: expect.stringContaining(`${three} has 3, ${two} has 2`),
        hint: expect.stringContaining('Each needs 3'),
      })
    })

    it('refuses a topic that does not exist', async () => {
      const joined = joinByHand(bench().log, { inputs: [freshName('missing')] }).then(
        ({ membership }) => membership.done,
      )
      await expect(joined).rejects.toMatchObject({ code: 'log_broken' })
    })
  })
}
