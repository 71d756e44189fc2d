import { expect, it } from 'vitest'
import { averageRank } from '../../../core/report/average-rank.ts'
import { numbersOf, paperTable } from './paper-tables.ts'

for (const [table, rows] of [
  [3, 11],
  [4, 8],
  [5, 4],
  [6, 4],
] as const) {
  it(`gives the average ranks of all ${rows} rows of table ${table}`, () => {
    const printed = paperTable(table)
    expect(printed).toHaveLength(rows)
    const scores = ['LR', 'SCR'].map((column) => ({ scores: numbersOf(printed, column) }))
    const found =
      table === 4 ? ['LLaMA Rank', 'Qwen Rank'].map((column) => ({ ranks: numbersOf(printed, column) })) : []
    expect(averageRank([...scores, ...found])).toEqual(numbersOf(printed, 'Avg Rank'))
  })
}

it('shares ranks between equal scores', () => {
  expect(averageRank([{ scores: [0.5, 0.9, 0.5, 0.1] }])).toEqual([2.5, 1, 2.5, 4])
})

it('refuses columns of different lengths', () => {
  expect(() => averageRank([{ scores: [1, 2] }, { ranks: [1] }])).toThrow('columns of 2 and 1 rows')
})
