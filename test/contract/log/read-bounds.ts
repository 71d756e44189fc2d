import { describe, expect, it } from 'vitest'
import { joinByHand, keysOf, type LogBench, outputOf, readRecords } from './bench.ts'

/** How much a read gives, and of what. */
export const readBoundClauses = (bench: () => LogBench): void => {
  describe('a read', () => {
    it('stays near maxBytes also inside one large commit, and gives one record at least', async () => {
      const topic = await bench().topic()
      const sizes = [...Array<number>(40).fill(1000), 50_000, ...Array<number>(40).fill(1000)]
      const writer = await bench().log.writer(topic)
      await writer.commit(sizes.map((size, i) => outputOf(topic, { key: `${i}`, size })))
      const own = await (await joinByHand(bench().log, { inputs: [topic] })).task()
      const seen: number[] = []
      while (seen.length < sizes.length) {
        const read = (await own.read(topic, 5000)).map(({ value }) => value.length)
        const [last = 0, ...others] = [...read].reverse()
        expect(others.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(5000)
        expect(last).toBeGreaterThan(0)
        seen.push(...read)
      }
      expect(seen).toEqual(sizes)
      expect(own.hasMore(topic)).toBe(false)
    })

    it('has more exactly when it would not wait', async () => {
      const [one, two] = [await bench().topic(), await bench().topic()]
      const { task } = await joinByHand(bench().log, { inputs: [one, two] })
      const own = await task()
      expect([own.hasMore(one), own.hasMore(two)]).toEqual([false, false])
      await bench().append(two, 'a', 'b')
      await expect.poll(() => own.hasMore(two)).toBe(true)
      expect(own.hasMore(one)).toBe(false)
      await readRecords(own, two, 1, 1)
      expect(own.hasMore(two)).toBe(true)
      await readRecords(own, two, 1, 1)
      expect(own.hasMore(two)).toBe(false)
    })

    it('keeps a place of its own in every input and partition', async () => {
      const [one, two] = [await bench().topic(2), await bench().topic(2)]
      const writer = await bench().log.writer(one)
      await writer.commit(
        [one, two].flatMap((topic) =>
          [0, 1].map((partition) => outputOf(topic, { partition, key: `${topic} ${partition}` })),
        ),
      )
      const { task } = await joinByHand(bench().log, { inputs: [one, two] })
      for (const topic of [two, one]) {
        for (const partition of [1, 0]) {
          const read = await readRecords(await task(partition), topic, 1)
          expect(keysOf(read)).toEqual([`${topic} ${partition}`])
        }
      }
    })
  })
}
