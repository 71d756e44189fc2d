import { describe, expect, it } from 'vitest'
import { batchEncoder, batchesOf, decodeBatch } from '../../../dataflow/embedded/batch.ts'
import type { OutputRecord } from '../../../dataflow/log.ts'

const output = (n: number, bytes: number, place: { topic?: string; partition?: number } = {}): OutputRecord => ({
  topic: 'one',
  partition: 0,
  key: `source/split/${n}`,
  headers: { ordinal: String(n), odd: '\0\x01' },
  value: Buffer.alloc(bytes, n),
  timestamp: 1700 + n,
  ...place,
})
const all = { from: 0, to: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY }
const decoded = (value: Buffer) => decodeBatch(value, 0, all).records
const plain = ({ key, headers, value, timestamp }: Omit<OutputRecord, 'topic' | 'partition'>) => ({
  ...{ key, headers, timestamp },
  value: Buffer.from(value).toString('hex'),
})

describe('batchesOf', () => {
  it('keeps the order of every partition, however its outputs alternate with others', () => {
    const outputs = Array.from({ length: 40 }, (_, n) =>
      output(n, 10, { topic: n % 3 === 0 ? 'one' : 'other', partition: n % 2 }),
    )
    const batches = batchesOf(outputs)
    expect(batches).toHaveLength(4)
    for (const { topic, partition, records, places } of batches) {
      expect(records).toEqual(outputs.filter((record) => record.topic === topic && record.partition === partition))
      expect(places.map((place) => outputs[place])).toEqual(records)
    }
  })

  it('ends a batch that is large enough, and goes on in a new one', () => {
    const outputs = Array.from({ length: 9 }, (_, n) => output(n, 100_000, { partition: n % 2 }))
    const batches = batchesOf(outputs)
    expect(batches.length).toBeGreaterThan(2)
    for (const partition of [0, 1])
      expect(batches.filter((batch) => batch.partition === partition).flatMap(({ records }) => records)).toEqual(
        outputs.filter((record) => record.partition === partition),
      )
  })
})

describe('batchEncoder', () => {
  it('leaves the bytes of a commit alone until it is written, whatever others are encoded and written meanwhile', () => {
    const encode = batchEncoder()
    const underWay: { outputs: OutputRecord[]; values: Buffer[]; release(): void }[] = []
    const check = () => {
      for (const { outputs, values } of underWay) expect(values.flatMap(decoded).map(plain)).toEqual(outputs.map(plain))
    }
    for (let n = 0; n < 60; n++) {
      // Some are larger than what is shared, and some hold positions alone.
      const sizes = n % 7 === 0 ? [1_500_000] : n % 5 === 0 ? [] : [40_000, 90_000, 20]
      const outputs = sizes.map((bytes, i) => output(n + i, bytes))
      underWay.push({ outputs, ...encode(batchesOf(outputs)) })
      if (n % 3 !== 0) underWay.splice((n * 5) % underWay.length, 1)[0]!.release()
      if (n % 10 === 0) check()
    }
    check()
  })

  it('uses the memory of written commits again', () => {
    const encode = batchEncoder()
    const memory = new Set<ArrayBufferLike>()
    for (let n = 0; n < 100; n++) {
      const { values, release } = encode(batchesOf([output(n, 100_000)]))
      memory.add(values[0]!.buffer)
      release()
    }
    expect(memory.size).toBeLessThan(3)
  })
})
