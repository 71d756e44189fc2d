import fc from 'fast-check'
import { expect, it } from 'vitest'
import { quantileSketch } from '../../../core/report/quantile-sketch.ts'
import { type ReportExample, splitSummary } from '../../../core/report/split-summary.ts'

const example = (given: Partial<ReportExample> = {}): ReportExample => ({
  configuration: 'release',
  split: 's1k',
  turns: 2,
  tokens: 100,
  tokensRendered: 120,
  lr: 0.8,
  scr: 1,
  lrAll: 0.9,
  scrAll: 0.5,
  ...given,
})

function summaryOf(examples: ReportExample[]) {
  const summary = splitSummary()
  for (const one of examples) summary.add(one)
  return summary
}

it('keeps configurations and splits apart and orders them by name', () => {
  const summary = summaryOf([
    example({ split: 'b' }),
    example({ configuration: 'gemma3' }),
    example({ split: 'a' }),
    example({ split: 'b' }),
  ])
  expect(summary.rows().map(({ configuration, split, examples }) => [configuration, split, examples])).toEqual([
    ['gemma3', 's1k', 1],
    ['release', 'a', 1],
    ['release', 'b', 2],
  ])
  expect(summary.totals().map(({ configuration, split, examples }) => [configuration, split, examples])).toEqual([
    ['gemma3', null, 1],
    ['release', null, 3],
  ])
})

it('leaves what does not apply out of means and counts it', () => {
  const [row] = summaryOf([example(), example({ lr: null, scr: null, scrAll: 0.25 }), example({ lr: 0.4 })]).rows()
  expect(row?.lr.mean).toBeCloseTo(0.6, 12)
  expect(row?.lr).toMatchObject({ counted: 2, notApplicable: 1 })
  expect(row?.scr).toMatchObject({ mean: 1, counted: 2, notApplicable: 1 })
  expect(row?.scrAll).toMatchObject({ counted: 3, notApplicable: 0 })
  expect(row?.scrAll.mean).toBeCloseTo(1.25 / 3, 12)
})

it('has no mean where a metric never applied', () => {
  const [row] = summaryOf([example({ scr: null })]).rows()
  expect(row?.scr).toMatchObject({ mean: null, counted: 0, notApplicable: 1 })
})

it('puts every ratio in its one of 50 bins, 1 in the last', () => {
  const [row] = summaryOf([0, 0.019, 0.02, 0.5, 0.999, 1].map((lr) => example({ lr }))).rows()
  const filled = row!.lr.histogram.flatMap((count, bin) => (count === 0 ? [] : [[bin, count]]))
  expect(row!.lr.histogram).toHaveLength(50)
  expect(filled).toEqual([
    [0, 2],
    [1, 1],
    [25, 1],
    [49, 2],
  ])
})

it('gives sums, means and medians', () => {
  const turns = [2, 9, 2, 4].map((turns, at) => example({ turns, tokens: 10 * at, tokensRendered: 10 * at + 6 }))
  const [row] = summaryOf(turns).rows()
  expect(row).toMatchObject({ meanTurns: 4.25, medianTurns: 3, tokens: 60, meanTokens: 15 })
  expect(row).toMatchObject({ tokensRendered: 84, meanTokensRendered: 21 })
  expect(summaryOf(turns.slice(0, 3)).rows()[0]?.medianTurns).toBe(2)
})

it('gives the exact median of turns', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1 }), (turns) => {
      const sorted = turns.toSorted((a, b) => a - b)
      const middle = [sorted[Math.floor((turns.length - 1) / 2)]!, sorted[Math.floor(turns.length / 2)]!]
      const [row] = summaryOf(turns.map((turns) => example({ turns }))).rows()
      expect(row?.medianTurns).toBe((middle[0]! + middle[1]!) / 2)
    }),
  )
})

it('gives quantiles of tokens within 1 %', () => {
  const tokens = fc.oneof(fc.nat(50), fc.nat(100_000), fc.nat())
  fc.assert(
    fc.property(fc.array(tokens, { minLength: 1 }), fc.double({ min: 0, max: 1, noNaN: true }), (values, q) => {
      const sketch = quantileSketch()
      for (const value of values) sketch.add(value)
      const exact = values.toSorted((a, b) => a - b)[Math.max(1, Math.ceil(q * values.length)) - 1]!
      expect(Math.abs(sketch.quantile(q)! - exact)).toBeLessThanOrEqual(0.01 * exact)
    }),
  )
})

it('has no quantile of nothing', () => {
  expect(quantileSketch().quantile(0.5)).toBeNull()
})
