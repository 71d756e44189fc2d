import fc from 'fast-check'
import { expect, it } from 'vitest'
import { drawOf, lowest } from '../../../services/estimate/lowest.ts'

it('takes exactly as many as are wanted, those with the lowest draws, in their order', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true })), fc.nat(20), (draws, count) => {
      const held = lowest<number>(count)
      draws.forEach((draw, at) => {
        held.offer(draw, () => at)
      })
      const wanted = draws
        .map((draw, at) => ({ draw, at }))
        .sort((a, b) => a.draw - b.draw || a.at - b.at)
        .slice(0, count)
        .map(({ at }) => at)
        .sort((a, b) => a - b)
      expect(held.taken()).toEqual(wanted)
      expect(held.offered).toBe(draws.length)
    }),
  )
})

it('draws the same for the same row, and evenly over rows', () => {
  expect(drawOf(1, 's/a', 7)).toBe(drawOf(1, 's/a', 7))
  const draws = Array.from({ length: 2000 }, (_, at) => drawOf(3, 's/b', at))
  expect(draws.reduce((sum, draw) => sum + draw, 0) / 2000).toBeCloseTo(0.5, 1)
  expect(Math.min(...draws)).toBeGreaterThanOrEqual(0)
  expect(Math.max(...draws)).toBeLessThan(1)
})
