import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { offsetsOf, sendsOf, topicMessagesOf } from '../../../dataflow/kafka/sends.ts'
import type { OutputRecord } from '../../../dataflow/log.ts'
import { outputOf } from '../../contract/log/bench.ts'

const output = fc.record({
  topic: fc.constantFrom('a', 'b'),
  partition: fc.integer({ min: 0, max: 2 }),
  key: fc.constantFrom('x', 'y', 'z'),
  size: fc.constantFrom(1, 1000, 300_000, 1_200_000),
})
const outputsOf = (given: { topic: string; partition: number; key: string; size: number }[]) => {
  const large = Buffer.alloc(1_200_000)
  return given.map(({ topic, size, ...rest }) => outputOf(topic, { ...rest, value: large.subarray(0, size) }))
}

describe('a commit in sends', () => {
  it('holds every record once, in order in its partition, and one partition in each send', () => {
    fc.assert(
      fc.property(fc.array(output, { maxLength: 20 }), fc.boolean(), (given, whole) => {
        const outputs = outputsOf(given)
        const sends = sendsOf(outputs, whole)
        const places = sends.flatMap((send) => send.places)
        expect(places.toSorted((a, b) => a - b)).toEqual(outputs.map((_, i) => i))
        expect(sends.flatMap((send) => send.outputs)).toEqual(places.map((place) => outputs[place]))
        const of = ({ topic, partition }: OutputRecord) => `${topic} ${partition}`
        for (const name of new Set(outputs.map(of))) {
          const inPartition = places.filter((place) => of(outputs[place]!) === name)
          expect(inPartition).toEqual(inPartition.toSorted((a, b) => a - b))
        }
        for (const send of sends) expect(new Set(send.outputs.map(of)).size).toBe(1)
      }),
    )
  })

  it('begins a new one when one is full, unless a conversation would be cut', () => {
    fc.assert(
      fc.property(fc.array(output, { maxLength: 20 }), fc.boolean(), (given, whole) => {
        const sends = sendsOf(outputsOf(given), whole)
        for (const [i, send] of sends.slice(1).entries()) {
          const [first] = send.outputs
          const last = sends[i]!.outputs.at(-1)!
          const isSamePartition = first?.topic === last.topic && first.partition === last.partition
          if (whole && isSamePartition) expect(first.key).not.toBe(last.key)
        }
        if (whole) return
        for (const send of sends) {
          const before = send.outputs.slice(0, -1).reduce((sum, { value }) => sum + value.length + 200, 0)
          expect(before).toBeLessThan(2 ** 20)
        }
      }),
    )
  })

  it('tells the offset of every record from where the broker put the batches', () => {
    const outputs = [
      outputOf('a', { partition: 0 }),
      outputOf('b', { partition: 0 }),
      outputOf('a', { partition: 0 }),
      outputOf('a', { partition: 1 }),
    ]
    const sends = sendsOf(outputs, false)
    const offsets = [10, 30, 70].map((baseOffset, i) => offsetsOf(sends[i]!, [{ baseOffset: String(baseOffset) }]))
    expect(sends.map(({ places }) => places)).toEqual([[0, 2], [1], [3]])
    expect(offsets).toEqual([[10, 11], [30], [70]])
  })

  it('names the partition of every record, and has tombstones for empty values', () => {
    const [send] = sendsOf([outputOf('a', { partition: 3, key: '', size: 0 })], false)
    expect(topicMessagesOf(send!)).toEqual([
      { topic: 'a', messages: [expect.objectContaining({ partition: 3, key: null, value: null })] },
    ])
  })
})
