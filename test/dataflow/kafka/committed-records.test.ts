import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { committedRecords } from '../../../dataflow/kafka/committed-records.ts'
import type { WireMessage } from '../../../dataflow/kafka/kafkajs-internals.ts'

type Step = { producer: number; does: 'write' | 'commit' | 'abort' }

/** A partition as a broker keeps it: one batch for each step, and the aborted transactions by their end. */
const partitionOf = (steps: Step[]) => {
  const messages: WireMessage[] = []
  const aborted: { producerId: string; firstOffset: string; end: number }[] = []
  const firsts = new Map<number, number>()
  const open = new Map<number, number[]>()
  const committed: number[] = []
  for (const { producer, does } of steps) {
    const offset = messages.length
    const mine = open.get(producer) ?? []
    if (does !== 'write' && mine.length === 0) continue
    messages.push(messageAt(offset, String(producer), does))
    if (does === 'write') {
      open.set(producer, [...mine, offset])
      if (mine.length === 0) firsts.set(producer, offset)
      continue
    }
    open.delete(producer)
    if (does === 'commit') committed.push(...mine)
    else aborted.push({ producerId: String(producer), firstOffset: String(firsts.get(producer)), end: offset })
  }
  const stable = Math.min(messages.length, ...[...open.values()].flat())
  return { messages: messages.slice(0, stable), aborted, committed: committed.filter((o) => o < stable).sort(byNumber) }
}
const byNumber = (a: number, b: number) => a - b

const messageAt = (offset: number, producerId: string, does: Step['does']): WireMessage => ({
  ...{ offset: String(offset), timestamp: '5', value: Buffer.from('v'), headers: {} },
  key: does === 'write' ? Buffer.from('k') : Buffer.from([0, 0, 0, does === 'abort' ? 0 : 1]),
  isControlRecord: does !== 'write',
  batchContext: { firstOffset: String(offset), lastOffsetDelta: 0, producerId, inTransaction: true },
})

const steps = fc.array(
  fc.record({
    producer: fc.integer({ min: 1, max: 4 }),
    does: fc.constantFrom<Step['does']>('write', 'write', 'commit', 'abort'),
  }),
  { maxLength: 40 },
)

describe('committed records of an answer', () => {
  it('are all those of committed transactions and no others, from any offset, in any order of the broker', () => {
    fc.assert(
      fc.property(steps, fc.nat(40), fc.boolean(), (given, from, isReversed) => {
        const { messages, aborted, committed } = partitionOf(given)
        const told = aborted.filter(({ end }) => end >= from)
        const { records, next } = committedRecords(
          {
            messages: messages.filter(({ offset }) => Number(offset) >= from),
            abortedTransactions: isReversed ? told.reverse() : told,
          },
          from,
        )
        expect(records.map(({ offset }) => offset)).toEqual(committed.filter((offset) => offset >= from))
        expect(next).toBe(Math.max(from, messages.length))
      }),
      { numRuns: 500 },
    )
  })

  it('leave out what a batch has before the offset asked for', () => {
    const messages = [0, 1, 2].map((offset) => ({
      ...messageAt(offset, '-1', 'write'),
      batchContext: { firstOffset: '0', lastOffsetDelta: 2, producerId: '-1', inTransaction: false },
    }))
    const { records, next } = committedRecords({ messages, abortedTransactions: null }, 2)
    expect(records.map(({ offset }) => offset)).toEqual([2])
    expect(next).toBe(3)
  })

  it('end behind a batch whose last records were compacted away', () => {
    const batchContext = { firstOffset: '4', lastOffsetDelta: 5, producerId: '-1', inTransaction: false }
    const messages = [{ ...messageAt(4, '-1', 'write'), batchContext }]
    expect(committedRecords({ messages, abortedTransactions: [] }, 4).next).toBe(10)
  })

  it('keep a record whose key looks like an abort marker', () => {
    const messages = [
      { ...messageAt(0, '1', 'write'), key: Buffer.alloc(4) },
      messageAt(1, '1', 'write'),
      messageAt(2, '1', 'commit'),
    ]
    expect(committedRecords({ messages, abortedTransactions: [] }, 0).records).toHaveLength(2)
  })
})
