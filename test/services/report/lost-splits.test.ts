import { expect, it } from 'vitest'
import { findings } from '../../../services/report/findings.ts'
import { splitTables } from '../../../services/report/tables/split-table.ts'
import { summaryTable } from '../../../services/report/tables/summary-table.ts'
import { exampleLine, exampleRanking, exampleReport, exampleSplit } from './example-report.ts'

const none = { mean: null, counted: 0 }
const untaken = exampleSplit({
  ...{ split: 'split_03', ranked: 2, examples: 0, kept: 0 },
  ...{ lrAll: none, scrAll: none, meanTurns: 0, meanTokens: 0 },
})
const ranking = exampleRanking({ ranked: 14, kept: 7, splits: [exampleSplit({ ranked: 12, kept: 7 }), untaken] })

it('that no candidate takes are in the table of splits, without figures', () => {
  const { rows, foot } = splitTables([ranking], [exampleLine()])[0]!
  expect(rows[1]).toEqual(['split_03', '0', '–', '–', '–', '–', { text: '0', note: '0.0 % of 2 ranked' }])
  expect(foot!.at(-1)).toEqual({ text: '7', note: '50.0 % of 14 ranked' })
})

it('that no candidate takes are part of what shares are of, in the splits as in all', () => {
  const [split] = splitTables([ranking], [])[0]!.rows
  expect(split!.at(-1)).toEqual({ text: '7', note: '58.3 % of 12 ranked' })
  const { rows } = summaryTable([ranking, exampleRanking({ ranking: 'whole' })])
  expect(rows.slice(0, 3)).toEqual([
    ['Examples', '10', '10'],
    ['Without a candidate', '4', '0'],
    ['Kept', { text: '7', note: '50.0 %' }, { text: '10', note: '100.0 %' }],
  ])
})

it('that no candidate takes are a finding each, and those that are left out are counted', () => {
  const splits = Array.from({ length: 7 }, (_, at) => ({ ...untaken, split: `s${at}`, ranked: 2 + at }))
  const found = findings(exampleReport({ rankings: [exampleRanking({ splits: [exampleSplit(), ...splits] })] }))
  expect(found).toHaveLength(5)
  expect(found[0]).toEqual({
    title: 's6 is taken by no candidate of release: 8 conversations dropped.',
    text: 'seedx and gemma3 leave it out.',
    command: `kalam sql "SELECT id, why FROM v_ranked WHERE ranking = 'release' AND split = 's6' AND NOT keep LIMIT 20"`,
    section: 'dropped',
  })
  expect(found.at(-1)!.text).toBe('seedx and gemma3 leave it out. And 2 splits more like it.')
})

it('of which some conversations have no candidate are mostly dropped, by the share of all', () => {
  const splits = Array.from({ length: 6 }, (_, at) =>
    exampleSplit({ split: `s${at}`, ranked: 25 + at, examples: 20, kept: 11 }),
  )
  const found = findings(exampleReport({ rankings: [exampleRanking({ splits })] }))
  expect(found).toHaveLength(5)
  expect(found[0]).toMatchObject({
    title: 's5 is mostly dropped from release.',
    text: '11 of 30 kept (36.7 %), 10 without a candidate; over whole contents LR 0.800, SCR 0.950.',
  })
  expect(found.at(-1)!.text).toMatch(/ And 1 split more like it\.$/)
})
