import { describe, expect, it } from 'vitest'
import type { LogRecord } from '../../../dataflow/log.ts'
import { keysOf, type LogBench, numberedKeys, outputOf, scanAll } from './bench.ts'

/** Reading outside any group. */
export const scanClauses = (bench: () => LogBench): void => {
  describe('scan', () => {
    it('begins and ends in the middle of commits', async () => {
      const topic = await bench().topic()
      const offsets = [
        ...(await bench().append(topic, ...numberedKeys(6, 'a'))),
        ...(await bench().append(topic, ...numberedKeys(6, 'b'))),
      ]
      const records = await scanAll(bench().log, topic, { from: offsets[4]!, to: offsets[8]! })
      expect(keysOf(records)).toEqual(['a-4', 'a-5', 'b-0', 'b-1'])
      expect(records.map(({ offset }) => offset)).toEqual(offsets.slice(4, 8))
    })

    it('ends where the topic ended at the time of the call', async () => {
      const topic = await bench().topic()
      await bench().append(topic, 'a', 'b')
      const batches = bench().log.scan(topic, 0, 0)
      await bench().append(topic, 'late')
      const records: LogRecord[] = []
      for await (const batch of batches) {
        records.push(...batch)
        await bench().append(topic, 'later')
      }
      expect(keysOf(records)).toEqual(['a', 'b'])
    })

    it('does not wait for records that are not there yet', async () => {
      const topic = await bench().topic()
      const [offset] = await bench().append(topic, 'a')
      expect(await scanAll(bench().log, topic, { from: offset! + 1 })).toEqual([])
      expect(keysOf(await scanAll(bench().log, topic, { to: offset! + 1000 }))).toEqual(['a'])
      expect(await scanAll(bench().log, await bench().topic())).toEqual([])
    })

    it('gives many megabytes in batches, none of them empty', async () => {
      const topic = await bench().topic()
      const writer = await bench().log.writer(topic)
      for (let commit = 0; commit < 3; commit++) {
        await writer.commit(numberedKeys(7, `${commit}`).map((key) => outputOf(topic, { key, size: 2 ** 20 })))
      }
      const batches: LogRecord[][] = []
      for await (const batch of bench().log.scan(topic, 0, 0)) batches.push(batch)
      expect(batches.length).toBeGreaterThan(1)
      expect(batches.every((batch) => batch.length > 0)).toBe(true)
      expect(keysOf(batches.flat())).toEqual([0, 1, 2].flatMap((commit) => numberedKeys(7, `${commit}`)))
      expect(batches.flat().every(({ value }) => value.every((byte) => byte === 7))).toBe(true)
    })

    it('may be left early', async () => {
      const topic = await bench().topic()
      await bench().append(topic, 'a', 'b')
      for await (const [first] of bench().log.scan(topic, 0, 0)) {
        expect(first!.key).toBe('a')
        break
      }
      expect(keysOf(await scanAll(bench().log, topic))).toEqual(['a', 'b'])
    })
  })
}
