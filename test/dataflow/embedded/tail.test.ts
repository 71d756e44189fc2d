import { describe, expect, it } from 'vitest'
import { openTail } from '../../../dataflow/embedded/tail.ts'

const record = (key: string, bytes = 10) => ({ key, value: new Uint8Array(bytes), headers: {}, timestamp: 0 })
const records = (from: number, count: number, bytes?: number) =>
  Array.from({ length: count }, (_, i) => record(`${from + i}`, bytes))
const all = { to: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY }

describe('openTail', () => {
  it('gives what was added, by offset, with what it was encoded from', () => {
    const tail = openTail(10_000)
    tail.add(1, 0, 5, [{ ...record('5'), body: 'five' }, record('6')])
    tail.add(1, 1, 0, [record('other')])
    tail.add(1, 0, 7, [record('7')])
    expect(tail.read(1, 0, { ...all, from: 5 })).toMatchObject([
      { offset: 5, key: '5', body: 'five' },
      { offset: 6, key: '6' },
      { offset: 7, key: '7' },
    ])
    expect(tail.read(1, 0, { ...all, from: 6, to: 7 })!.map(({ key }) => key)).toEqual(['6'])
    expect(tail.read(1, 1, { ...all, from: 0 })!.map(({ key }) => key)).toEqual(['other'])
  })

  it('does not know what stood before, what is not there yet, and other partitions', () => {
    const tail = openTail(10_000)
    tail.add(1, 0, 5, records(5, 2))
    for (const [topic, partition, from] of [
      [1, 0, 4],
      [1, 0, 7],
      [1, 1, 5],
      [2, 0, 5],
    ] as const)
      expect(tail.read(topic, partition, { ...all, from })).toBeUndefined()
  })

  it('gives at least one record and stops when it has bytes enough', () => {
    const tail = openTail(100_000)
    tail.add(1, 0, 0, records(0, 5, 1000))
    const read = (from: number, bytes: number) =>
      tail.read(1, 0, { from, to: Number.POSITIVE_INFINITY, bytes })!.map(({ offset }) => offset)
    expect(read(1, 0)).toEqual([1])
    expect(read(1, 2000)).toEqual([1, 2])
    expect(read(3, 1_000_000)).toEqual([3, 4])
  })

  it('forgets the oldest records first, over all partitions, and never holds more than it may', () => {
    const tail = openTail(5 * 1300)
    tail.add(1, 0, 0, records(0, 2, 1000))
    tail.add(1, 1, 0, records(0, 2, 1000))
    tail.add(1, 0, 2, records(2, 2, 1000))
    expect(tail.read(1, 0, { ...all, from: 0 })).toBeUndefined()
    expect(tail.read(1, 0, { ...all, from: 2 })).toHaveLength(2)
    expect(tail.read(1, 1, { ...all, from: 0 })).toHaveLength(2)
    tail.add(1, 2, 0, records(0, 9, 1000))
    for (const partition of [0, 1, 2]) expect(tail.read(1, partition, { ...all, from: 0 })).toBeUndefined()
    tail.add(1, 2, 9, records(9, 1, 1000))
    expect(tail.read(1, 2, { ...all, from: 9 })).toHaveLength(1)
  })

  it('begins anew behind a gap', () => {
    const tail = openTail(10_000)
    tail.add(1, 0, 0, records(0, 2))
    tail.add(1, 0, 5, records(5, 1))
    expect(tail.read(1, 0, { ...all, from: 0 })).toBeUndefined()
    expect(tail.read(1, 0, { ...all, from: 5 })!.map(({ key }) => key)).toEqual(['5'])
  })
})
