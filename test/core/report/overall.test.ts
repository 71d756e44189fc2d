import { expect, it } from 'vitest'
import { formatMillions, formatNumber, formatRatio } from '../../../core/report/format.ts'
import { overall } from '../../../core/report/overall.ts'
import { paperTable } from './paper-tables.ts'

function summaryOfTable(number: 1 | 2) {
  const rows = paperTable(number).map((row) => {
    const examples = Number(row['Num Examples'])
    return {
      examples,
      lrAll: { mean: Number(row['Mean LR']), counted: examples },
      scrAll: { mean: Number(row['Mean SCR']), counted: examples },
      meanTurns: Number(row['Mean Turns']),
      meanTokens: Number(row['Mean Total Tokens']),
    }
  })
  const { examples, lrAll, scrAll, meanTurns, tokens, meanTokens } = overall(rows)
  return {
    examples: formatNumber(examples),
    lr: formatRatio(lrAll.mean),
    scr: formatRatio(scrAll.mean),
    turns: formatNumber(meanTurns, 3),
    tokens: formatMillions(tokens),
    perExample: formatNumber(meanTokens),
  }
}

it('gives the summary that the paper prints from its table of Seed-X', () => {
  expect(summaryOfTable(1)).toEqual({
    examples: '1,777,275',
    lr: '0.7961',
    scr: '0.9248',
    turns: '3.104',
    tokens: '3,261.63 M',
    perExample: '1,835',
  })
})

it('gives the summary that the paper prints from its table of Gemma 3', () => {
  expect(summaryOfTable(2)).toEqual({
    examples: '1,545,742',
    lr: '0.8079',
    scr: '0.9285',
    turns: '3.270',
    tokens: '2,822.79 M',
    perExample: '1,826',
  })
})

it('leaves examples to which a metric does not apply out of its mean', () => {
  const row = { examples: 10, meanTurns: 2, meanTokens: 5 }
  const { lrAll, scrAll } = overall([
    { ...row, lrAll: { mean: 0.5, counted: 10 }, scrAll: { mean: null, counted: 0 } },
    { ...row, lrAll: { mean: 0.8, counted: 5 }, scrAll: { mean: 0.9, counted: 4 } },
  ])
  expect(lrAll.mean).toBeCloseTo(0.6, 12)
  expect(scrAll).toEqual({ mean: 0.9, counted: 4 })
})

it('is zero of nothing', () => {
  expect(overall([])).toMatchObject({ examples: 0, tokens: 0, meanTurns: 0, meanTokens: 0, lrAll: { mean: null } })
})
