import { describe, expect, it } from 'vitest'
import type { Task } from '../../../dataflow/log.ts'
import {
  abortOf,
  freshName,
  isPending,
  joinByHand,
  keysOf,
  type LogBench,
  outputOf,
  readRecords,
  scanAll,
} from './bench.ts'

/** How a process's part in a group ends. */
export const membershipClauses = (bench: () => LogBench): void => {
  const deferred = () => {
    let open = () => {}
    const opened = new Promise<void>((resolve) => {
      open = resolve
    })
    return { open, opened }
  }

  describe('a membership', () => {
    it('stops when one task throws, and tells the first error', async () => {
      const input = await bench().topic(3)
      const ended: number[] = []
      const allRun = deferred()
      const running = new Set<number>()
      const membership = await bench().log.join({
        group: freshName('group'),
        inputs: [input],
        async work(task: Task) {
          if (running.add(task.partition).size === 3) allRun.open()
          await allRun.opened
          if (task.partition === 1) throw new Error('the cause')
          await abortOf(task)
          ended.push(task.partition)
          throw new Error('a consequence')
        },
      })
      await expect(membership.done).rejects.toThrow('the cause')
      expect(ended.sort()).toEqual([0, 2])
    })

    it('is left when stop has waited for the end of every task', async () => {
      const input = await bench().topic(2)
      const group = freshName('group')
      const finish = deferred()
      const started = deferred()
      const running = new Set<number>()
      const ended: number[] = []
      const membership = await bench().log.join({
        group,
        inputs: [input],
        async work(task) {
          if (running.add(task.partition).size === 2) started.open()
          await abortOf(task)
          await finish.opened
          ended.push(task.partition)
        },
      })
      await started.opened
      const stopped = membership.stop()
      expect(await isPending(stopped)).toBe(true)
      finish.open()
      await stopped
      expect(ended.sort()).toEqual([0, 1])
      await expect(membership.done).resolves.toBeUndefined()
      await bench().append(input, 'a')
      const again = await joinByHand(bench().log, { group, inputs: [input] })
      expect(keysOf(await readRecords(await again.task(), input, 1))).toEqual(['a'])
    })

    it('is done when every task has ended by itself', async () => {
      const input = await bench().topic(2)
      const membership = await bench().log.join({ group: freshName('group'), inputs: [input], work: async () => {} })
      await expect(membership.done).resolves.toBeUndefined()
    })

    it('commits nothing for a task that has ended', async () => {
      const [input, output] = [await bench().topic(), await bench().topic()]
      const group = freshName('group')
      const { task, membership } = await joinByHand(bench().log, { group, inputs: [input], output })
      const own = await task()
      await membership.stop()
      await expect(own.commit([outputOf(output)], { [input]: 1 })).rejects.toThrow(group)
      expect(await scanAll(bench().log, output)).toEqual([])
      expect(await bench().log.committed(group, input)).toEqual([undefined])
    })
  })
}
