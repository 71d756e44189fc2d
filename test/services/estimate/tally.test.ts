import { expect, it } from 'vitest'
import { type Ask, addRow, emptyTally, type Met, samplingShare, settleLow } from '../../../services/estimate/tally.ts'
import { seeded } from '../../core/detectors/corruptions.ts'

const ask = (key: string, known?: Ask['known']): Ask => ({
  ...{ key: key.padStart(13, '0'), role: 'user', promptTokens: 10, textTokens: 4 },
  known,
})
const answered = { calls: 2, promptTokens: 11, completionTokens: 6, usd: 0.5, isOpen: false }
const row = (number: number, weight: number, ...asks: Ask[]) => ({
  ...{ row: number, weight, isCounted: true, chunks: asks.length + 1, kept: 1, asks },
})

it('counts equal requests once, and in a sample takes what several rows have for one of all or for one of each', () => {
  const tally = emptyTally('s/a', 'm')
  const met: Met = new Map()
  addRow(tally, met, row(0, 100, ask('1'), ask('1'), ask('2')))
  addRow(tally, met, row(1, 100, ask('1'), ask('3')))
  addRow(tally, met, row(2, 100, ask('1')))
  expect(tally.calls).toEqual({ low: 201, high: 300 })
  expect(tally.promptTokens).toEqual({ low: 2010, high: 3000 })
  expect([tally.rows, tally.sampledRows, tally.chunks, tally.kept, tally.equal]).toEqual([300, 3, 900, 300, 300])
})

it('takes what one row of a sample has for as many different texts as those of two rows suggest', () => {
  const tally = emptyTally('s/a', 'm')
  const met: Met = new Map()
  const random = seeded(3)
  const answer = (key: string) => ({ ...ask(key), role: 'assistant' })
  // 4,000 rows with 400 prompts, ten rows each, and an answer of their own.
  for (let number = 0; number < 200; number++)
    addRow(tally, met, row(number, 20, ask(`${1000 + Math.floor(random() * 400)}`), answer(`f${number}`)))
  expect(tally.calls.low).toBeGreaterThan(6000)
  settleLow(tally)
  expect(tally.calls.low).toBeGreaterThan(4000)
  expect(tally.calls.low).toBeLessThan(4500)
  expect(tally.promptTokens.low).toBeCloseTo(tally.calls.low * 10, 5)
})

it('counts equal requests of all rows once at both ends', () => {
  const tally = emptyTally('s/a', 'm')
  const met: Met = new Map()
  for (const number of [0, 1, 2]) addRow(tally, met, row(number, 1, ask('1'), ask(`a${number}`)))
  expect(tally.calls).toEqual({ low: 4, high: 4 })
})

it('saves what the memory has, and keeps the attempt that it does not have', () => {
  const tally = emptyTally('s/a', 'm')
  addRow(tally, new Map(), row(0, 10, ask('1', answered), ask('2', { ...answered, isOpen: true }), ask('3')))
  expect(tally.calls).toEqual({ low: 20, high: 20 })
  expect(tally.saved).toEqual({ calls: 40, promptTokens: 220, completionTokens: 120, usd: 10 })
})

it('tells how far a sample may be off: not at all where all rows were looked at, less for more rows', () => {
  const sampled = (rows: number, weight: number) => {
    const tally = emptyTally('s/a', 'm')
    const met: Met = new Map()
    for (let number = 0; number < rows; number++) {
      const asks = Array.from({ length: 1 + (number % 3) }, (_, at) => ask(`${number}${at}`))
      addRow(tally, met, row(number, weight, ...asks))
    }
    return samplingShare(tally)
  }
  expect(sampled(50, 1)).toBe(0)
  expect(sampled(50, 10)).toBeGreaterThan(sampled(200, 10))
  expect(sampled(50, 10)).toBeLessThan(0.2)
  expect(sampled(1, 10)).toBe(1)
})
