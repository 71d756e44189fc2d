import { describe, expect, it } from 'vitest'
import { isPending, joinByHand, keysOf, type LogBench, numberedKeys, readRecords } from './bench.ts'

/** Readers see committed records only, in order, each once from their position on. */
export const readClauses = (bench: () => LogBench): void => {
  describe('read', () => {
    it('gives the records of all commits in order, each once', async () => {
      const topic = await bench().topic()
      const { task } = await joinByHand(bench().log, { inputs: [topic] })
      const own = await task()
      const [first, second] = [numberedKeys(30, 'a'), numberedKeys(30, 'b')]
      await bench().append(topic, ...first)
      const read = await readRecords(own, topic, 10, 20)
      await bench().append(topic, ...second)
      read.push(...(await readRecords(own, topic, 60 - read.length, 20)))
      expect(keysOf(read)).toEqual([...first, ...second])
    })

    it('waits until there are some', async () => {
      const topic = await bench().topic()
      const { task } = await joinByHand(bench().log, { inputs: [topic] })
      const own = await task()
      for (const key of ['first', 'second']) {
        const read = own.read(topic, 1000)
        expect(await isPending(read)).toBe(true)
        await bench().append(topic, key)
        expect(keysOf(await read)).toEqual([key])
      }
    })

    it('ends empty when the task is stopped, and only then', async () => {
      const topic = await bench().topic()
      const { task, membership } = await joinByHand(bench().log, { inputs: [topic] })
      const own = await task()
      const waiting = own.read(topic, 1000)
      expect(await isPending(waiting)).toBe(true)
      await membership.stop()
      expect(await waiting).toEqual([])
      await bench().append(topic, 'late')
      expect(await own.read(topic, 1000)).toEqual([])
    })
  })
}
