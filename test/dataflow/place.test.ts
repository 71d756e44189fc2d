import { describe, expect, it } from 'vitest'
import { partitionOf } from '../../dataflow/place.ts'

// Values of org.apache.kafka.common.utils.Utils.murmur2, most of them from Kafka's own UtilsTest.
const known: [string, number][] = [
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
]

describe('partitionOf', () => {
  it.each(known)('hashes %s as Kafka does', (key, hash) => {
    expect(partitionOf(key, 2 ** 31)).toBe(hash & 0x7fffffff)
    for (const partitions of [1, 2, 24, 97]) expect(partitionOf(key, partitions)).toBe((hash & 0x7fffffff) % partitions)
  })

  it('hashes the UTF-8 bytes of every remainder by four, high bytes unsigned', () => {
    expect(['', 'é', 'é1', 'ééé'].map((key) => partitionOf(key, 2 ** 31))).toEqual(
      ['', 'é', 'é1', 'ééé'].map((key) => murmur2Of(Buffer.from(key)) & 0x7fffffff),
    )
  })

  it('spreads conversations evenly', () => {
    const counts = new Array<number>(24).fill(0)
    for (let row = 0; row < 24_000; row++) counts[partitionOf(`smoltalk/train/${row}`, 24)]!++
    expect(Math.min(...counts)).toBeGreaterThan(850)
    expect(Math.max(...counts)).toBeLessThan(1150)
  })
})

/** The function again in 64-bit integers, after the Java source. */
const murmur2Of = (bytes: Uint8Array): number => {
  const m = 0x5bd1e995n
  const int = (value: bigint) => BigInt.asUintN(32, value)
  let h = int(0x9747b28cn ^ BigInt(bytes.length))
  for (let i = 0; i + 4 <= bytes.length; i += 4) {
    let k = BigInt(Buffer.from(bytes).readUInt32LE(i))
    k = int(k * m)
    k ^= k >> 24n
    h = int(h * m) ^ int(k * m)
  }
  const rest = [...bytes.subarray(bytes.length & ~3)]
  if (rest.length > 0) {
    rest.forEach((byte, i) => {
      h ^= BigInt(byte) << BigInt(8 * i)
    })
    h = int(h * m)
  }
  h = int((h ^ (h >> 13n)) * m)
  return Number(BigInt.asIntN(32, h ^ (h >> 15n)))
}
