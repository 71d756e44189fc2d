import { expect, it } from 'vitest'
import type { LinePosition } from '../../services/line-positions.ts'
import { rateMeter } from '../../services/line-rates.ts'

/** Chunks of one chunking and the translator behind it. */
const lines = (chunked: number, end: number, translated: number, chunks: number): LinePosition[] => [
  {
    ...{ stage: 'chunk', line: 'all', group: 'p.chunk.all.g1', unit: 'messages', output: 'chunks' },
    ...{ generation: 1, state: 'live' },
    inputs: [{ topic: 'messages', committed: chunked, end, oldestMs: null }],
  },
  {
    ...{ stage: 'translate', line: 'a', group: 'p.translate.a.g1', unit: 'chunks', output: 'translations' },
    ...{ generation: 1, state: 'live' },
    inputs: [{ topic: 'chunks', committed: translated, end: chunks, oldestMs: null }],
  },
]

it('tells no rate from one reading, nor from two that are too near or too far apart', () => {
  const meter = rateMeter()
  const none = { perSecond: null, leftSeconds: null }
  expect([...meter.add(0, lines(10, 100, 0, 20)).values()]).toEqual([none, none])
  expect(meter.hasEarlier(500)).toBe(false)
  expect([...meter.add(500, lines(20, 100, 0, 40)).values()]).toEqual([none, none])
  expect(meter.hasEarlier(1000)).toBe(true)
  expect([...meter.add(60_000, lines(30, 100, 0, 60)).values()]).toEqual([none, none])
})

it('tells records a second, and how long all that has come in needs, what is not chunked yet included', () => {
  const meter = rateMeter()
  meter.add(0, lines(40, 100, 0, 80))
  const rates = meter.add(10_000, lines(50, 100, 50, 100))
  expect(rates.get('p.chunk.all.g1')).toEqual({ perSecond: 1, leftSeconds: expect.closeTo(50) })
  // Half of what was chunked, which is half of all: a quarter in 10 s.
  expect(rates.get('p.translate.a.g1')).toEqual({ perSecond: 5, leftSeconds: expect.closeTo(30) })
})

it('measures over half a minute, and tells what is done or stands still', () => {
  const meter = rateMeter()
  meter.add(0, lines(0, 100, 0, 0))
  meter.add(10_000, lines(100, 100, 10, 200))
  const rates = meter.add(31_000, lines(100, 100, 10, 200))
  expect(rates.get('p.chunk.all.g1')).toEqual({ perSecond: 0, leftSeconds: 0 })
  expect(rates.get('p.translate.a.g1')).toEqual({ perSecond: 0, leftSeconds: null })
})
