import { expect, it } from 'vitest'
import { reportHtml } from '../../../services/report/html/report-html.ts'
import { reportMarkdown } from '../../../services/report/markdown/report-markdown.ts'
import { sections } from '../../../services/report/sections.ts'
import { lineSplitsTable } from '../../../services/report/tables/line-tables.ts'
import { exampleLine, exampleRanking, exampleReport, exampleSplit } from './example-report.ts'

const none = { mean: null, counted: 0 }
const untaken = exampleSplit({
  ...{ ranked: 4, examples: 0, kept: 0, lrAll: none, scrAll: none, meanTurns: 0, meanTokens: 0 },
})
const ranked = exampleRanking({
  ...{ ranked: 4, kept: 0, keptTokens: 0, splits: [untaken], winners: [], lr: none, scr: none },
  dropped: [{ reason: 'no_candidate', count: 4 }],
})
const notYet = exampleRanking({ ranking: 'later', ranked: 0, kept: 0, keptTokens: 0, splits: [], winners: [] })

/** What stands instead of the tables of a section. */
const emptyTexts = (rankings: (typeof ranked)[], section: string): string[] =>
  sections(exampleReport({ rankings }))
    .find(({ id }) => id === section)!
    .tables.flatMap(({ rows, empty }) => (rows.length === 0 ? [empty] : []))

it('of which no conversation has a candidate are told from those that have ranked nothing', () => {
  expect(emptyTexts([ranked], 'splits')).toEqual(['No conversation has a candidate; 4 dropped.'])
  expect(emptyTexts([notYet], 'splits')).toEqual(['No conversation has been ranked yet.'])
})

it('are named where there are several', () => {
  expect(emptyTexts([notYet, ranked, exampleRanking({ ranking: 'whole' })], 'splits').toSorted()).toEqual([
    'later: no conversation has been ranked yet.',
    'release: no conversation has a candidate; 4 dropped.',
  ])
})

it('do not make candidates that no translator has look as if they were still to come', () => {
  const empty = (conversations: number) =>
    lineSplitsTable([exampleLine({ conversations, inLine: 0, splits: [] })]).empty
  expect(empty(4)).toBe('No translator takes any of the conversations.')
  expect(empty(0)).toBe('No candidate has been scored yet.')
})

it('are said to be missing where pipeline.yaml has none', () => {
  for (const section of ['summary', 'splits', 'dropped', 'flow'])
    expect(emptyTexts([], section), section).toEqual(['There is no ranking.'])
  for (const text of [reportHtml, reportMarkdown].map((report) => report(exampleReport({ rankings: [] })))) {
    expect(text).not.toContain('No conversation has been ranked yet.')
    expect(text).not.toContain('No conversation was dropped.')
    expect(text).not.toMatch(/NaN|undefined/)
  }
})
