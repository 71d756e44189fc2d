import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { slabWriter, type WriteAt } from '../../dataflow/slab.ts'

/** Writes so many bytes of a value, or tells how many do not fit. */
const filling =
  (length: number, value: number): WriteAt =>
  (bytes, start) => {
    const end = start + length
    if (end > bytes.length) return bytes.length - end
    bytes.fill(value, start, end)
    return end
  }

describe('bytes written into slabs', () => {
  it('stay what they were, whatever is written after them', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 80_000 }), { maxLength: 40 }), (lengths) => {
        const written = slabWriter()
        const all = lengths.map((length, i) => written(filling(length, i)))
        all.forEach((bytes, i) => {
          expect(bytes.equals(Buffer.alloc(lengths[i]!, i))).toBe(true)
        })
      }),
      { numRuns: 50 },
    )
  })

  it('share memory, and those have their own that are large and do not fit any more', () => {
    const written = slabWriter()
    const [first, second, large, third] = [100, 200, 70_000, 300].map((length) => written(filling(length, 1)))
    expect(second!.buffer).toBe(first!.buffer)
    expect(large!.buffer).not.toBe(first!.buffer)
    expect(large!.buffer.byteLength).toBe(70_000)
    expect(third!.buffer).toBe(first!.buffer)
  })

  it('lose nothing to a write that throws', () => {
    const written = slabWriter()
    const first = written(filling(10, 1))
    expect(() =>
      written((bytes, start) => {
        bytes[start] = 9
        throw new Error('no such value')
      }),
    ).toThrow('no such value')
    const second = written(filling(10, 2))
    expect(second.byteOffset).toBe(first.byteOffset + 10)
    expect([...first, ...second]).toEqual([...Array(10).fill(1), ...Array(10).fill(2)])
  })
})
