import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Loop, longestLoop } from '../../../core/detectors/loops.ts'

interface Sought {
  longest: number
  times: number
  least: number
}

/** The definition, place by place. */
const everyLoop = (values: number[], { longest, times, least }: Sought): Loop | undefined => {
  let best: Loop | undefined
  for (let period = 1; period <= longest; period++)
    for (let start = period; start < values.length; start++) {
      if (start > period && values[start - 1] === values[start - 1 - period]) continue
      let end = start
      while (end < values.length && values[end] === values[end - period]) end++
      const length = end - start
      if (length >= Math.max(least, period * (times - 1)) && length > (best?.length ?? 0))
        best = { start: start - period, period, length }
    }
  return best
}

const sought: fc.Arbitrary<Sought> = fc.record({
  longest: fc.integer({ min: 1, max: 8 }),
  times: fc.integer({ min: 2, max: 5 }),
  least: fc.integer({ min: 1, max: 12 }),
})
const piece = fc.tuple(fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 6 }), fc.integer({ min: 1, max: 9 }))
const values = fc
  .array(piece, { maxLength: 8 })
  .map((pieces) => pieces.flatMap(([part, times]) => Array.from({ length: times }, () => part).flat()))

describe('longestLoop', () => {
  it('finds what the definition finds', () => {
    fc.assert(
      fc.property(values, sought, (all, what) => {
        expect(longestLoop(all, what)).toEqual(everyLoop(all, what))
      }),
      { numRuns: 5000, seed: 1 },
    )
  })

  it('stays linear where nearly everything repeats', () => {
    const looks = (length: number) => {
      let count = 0
      const value = (at: number) => {
        count++
        return at % 23 === 22 ? at : 0
      }
      const all = new Proxy({ length } as ArrayLike<number>, {
        get: (of, name) => (name === 'length' ? of.length : value(Number(name))),
      })
      longestLoop(all, { longest: 8, times: 6, least: 24 })
      return count / length
    }
    expect(looks(100_000)).toBeLessThan(2 * 8 * 2.2)
    expect(looks(100_000) / looks(10_000)).toBeLessThan(1.1)
  })
})
