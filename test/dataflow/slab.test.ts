import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { slabCopies } from '../../dataflow/slab.ts'

describe('copies in slabs', () => {
  it('stay what they were, whatever is copied after them', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 40_000 }), { maxLength: 40 }), (lengths) => {
        const copied = slabCopies()
        const scratch = Buffer.alloc(40_000)
        const copies = lengths.map((length, i) => copied(scratch.fill(i, 0, length).subarray(0, length)))
        copies.forEach((copy, i) => {
          expect(copy.equals(Buffer.alloc(lengths[i]!, i))).toBe(true)
        })
      }),
      { numRuns: 50 },
    )
  })

  it('share memory when they are small, and only then', () => {
    const copied = slabCopies()
    const [first, second, large] = [100, 200, 40_000].map((length) => copied(Buffer.alloc(length)))
    expect(second!.buffer).toBe(first!.buffer)
    expect(large!.buffer).not.toBe(first!.buffer)
    expect(large!.buffer.byteLength).toBe(40_000)
  })
})
