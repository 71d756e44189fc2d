import { describe, expect, it } from 'vitest'
import { askedOf, type FetchTarget, partitionName, planFetch } from '../../../dataflow/kafka/fetch-plan.ts'

const target = (topic: string, partition: number, from: number, maxBytes = 100): FetchTarget => ({
  ...{ topic, partition, from, maxBytes },
  deliver: () => undefined,
  fail: () => undefined,
})
const endsAt = (topic: string, partition: number, end: number) => new Map([[partitionName({ topic, partition }), end]])

describe('a plan of a fetch', () => {
  it('asks for every partition once, in the order wanted', () => {
    const plan = planFetch([target('b', 1, 5), target('a', 0, 2), target('b', 0, 0), target('b', 1, 5)], new Map())
    expect(plan.map(({ topic, partition, from }) => [topic, partition, from])).toEqual([
      ['b', 1, 5],
      ['a', 0, 2],
      ['b', 0, 0],
    ])
    expect(plan[0]?.targets).toHaveLength(2)
  })

  it('gives those that stand at one place one answer, as large as the largest wants', () => {
    const [planned] = planFetch([target('a', 0, 7, 10), target('a', 0, 7, 500), target('a', 0, 7, 20)], new Map())
    expect(planned?.maxBytes).toBe(500)
    expect(planned?.targets).toHaveLength(3)
  })

  it('prefers one that has records to come to one that stands at the end', () => {
    const plan = planFetch([target('a', 0, 9), target('a', 0, 3), target('a', 0, 4)], endsAt('a', 0, 9))
    expect(plan.map(({ from }) => from)).toEqual([3])
  })

  it('lets the first one wait for news when all stand at the end', () => {
    const plan = planFetch([target('a', 0, 9), target('a', 0, 8)], endsAt('a', 0, 8))
    expect(plan.map(({ from }) => from)).toEqual([9])
  })

  it('becomes a request with one entry for each topic', () => {
    const plan = planFetch([target('a', 1, 1), target('b', 0, 2), target('a', 0, 3)], new Map())
    expect(askedOf(plan)).toEqual([
      {
        topic: 'a',
        partitions: [
          { partition: 1, fetchOffset: '1', maxBytes: 100 },
          { partition: 0, fetchOffset: '3', maxBytes: 100 },
        ],
      },
      { topic: 'b', partitions: [{ partition: 0, fetchOffset: '2', maxBytes: 100 }] },
    ])
  })
})
