import fc from 'fast-check'
import { expect, it } from 'vitest'
import { flowGeometry, ribbon } from '../../../services/report/html/flow-geometry.ts'

const share = fc.double({ min: 0, max: 1, noNaN: true })
const flows = fc
  .record({
    cameIn: fc.integer({ min: 1, max: 2_000_000 }),
    notRead: fc.nat(1_000_000),
    lanes: fc.array(fc.tuple(share, share), { minLength: 1, maxLength: 6 }),
  })
  .map(({ cameIn, notRead, lanes }) => {
    const counted = lanes.map(([won, kept]) => {
      const winners = Math.floor((cameIn / lanes.length) * won)
      return { inLine: cameIn, kept: Math.floor(winners * kept), dropped: winners - Math.floor(winners * kept) }
    })
    const dropped = counted.reduce((sum, lane) => sum + lane.dropped, 0)
    return { read: cameIn + notRead, cameIn, lanes: counted, dropped }
  })

it('keeps everything inside its height and every part inside its whole', () => {
  fc.assert(
    fc.property(flows, (counts) => {
      const { height, read, cameIn, lanes, won, dropped } = flowGeometry(counts)
      const bars = [read, cameIn, ...lanes.map(({ whole }) => whole)]
      for (const { y, h } of [...bars, dropped, ...won]) {
        expect(y).toBeGreaterThanOrEqual(-1e-9)
        expect(h).toBeGreaterThanOrEqual(0)
      }
      for (const { y, h } of bars) expect(y + h).toBeLessThanOrEqual(height + 1e-9)
      for (const { whole, kept, dropped: lost } of lanes) expect(kept.h + lost.h).toBeLessThanOrEqual(whole.h + 1e-9)
    }),
  )
})

it('lets no lanes overlap', () => {
  fc.assert(
    fc.property(flows, (counts) => {
      const { lanes } = flowGeometry(counts)
      for (const [at, { whole }] of lanes.entries()) {
        const before = lanes[at - 1]?.whole
        if (before) expect(whole.y).toBeGreaterThan(before.y + before.h)
      }
    }),
  )
})

it('draws equal counts equally high, and one of a million still to be seen', () => {
  const { read, cameIn, lanes, dropped } = flowGeometry({
    read: 1_000_000,
    cameIn: 1_000_000,
    lanes: [{ inLine: 500_000, kept: 499_999, dropped: 1 }],
    dropped: 1,
  })
  expect(read.h).toBe(cameIn.h)
  expect(lanes[0]!.whole.h).toBe(cameIn.h / 2)
  expect(dropped.h).toBeGreaterThanOrEqual(1)
})

it('joins two spans with a closed path', () => {
  expect(ribbon(0, { y: 0, h: 10 }, 100, { y: 20, h: 10 })).toBe(
    'M0.0,0.0C50.0,0.0 50.0,20.0 100.0,20.0V30.0C50.0,30.0 50.0,10.0 0.0,10.0Z',
  )
})
