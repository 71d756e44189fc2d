import { afterAll, beforeAll, expect, it } from 'vitest'
import { collectRanking } from '../../../services/report/collect-ranking.ts'
import type { RankingReport } from '../../../services/report/report-data.ts'
import { openChdb } from '../land/chdb.ts'
import { configOf, land } from './landed.ts'

let opened: Awaited<ReturnType<typeof openChdb>>
let found: RankingReport
beforeAll(async () => {
  opened = await openChdb()
  const metrics = { lr: 0.8, scr: 0.9, lr_all: 0.8, scr_all: 0.9, turns: 2, tokens_content: 100, tokens_rendered: 120 }
  const verdict = (split: string, row: string, given: object) => ({
    ...{ line: 'release', split, row, winner: 'a', keep: true, reasons: [], metrics },
    ...given,
  })
  const none = { winner: '', keep: false, reasons: ['no_candidate'], metrics: {} }
  await land(opened.warehouse, { table: 'ranked', stage: 'rank' }, [
    verdict('split_01', '0', {}),
    verdict('split_01', '1', { keep: false, reasons: ['incomplete'], metrics: { ...metrics, tokens_content: 300 } }),
    verdict('split_01', '2', none),
    verdict('split_03', '0', none),
    verdict('split_03', '1', none),
  ])
  found = await collectRanking(opened.warehouse, 'release', configOf(['a'], { release: ['a'] }).rankings.release!)
})
afterAll(() => opened.close())

it('counts in every split what is ranked, and has means over its examples alone', () => {
  expect(found.splits).toEqual([
    {
      ...{ split: 'split_01', ranked: 3, examples: 2, kept: 1 },
      ...{ lrAll: { mean: 0.8, counted: 2 }, scrAll: { mean: 0.9, counted: 2 }, meanTurns: 2, meanTokens: 200 },
    },
    {
      ...{ split: 'split_03', ranked: 2, examples: 0, kept: 0 },
      ...{ lrAll: { mean: null, counted: 0 }, scrAll: { mean: null, counted: 0 }, meanTurns: 0, meanTokens: 0 },
    },
  ])
})

it('has as many conversations ranked, kept and dropped over its splits as in all', () => {
  const sum = (of: (split: RankingReport['splits'][number]) => number) =>
    found.splits.reduce((total, split) => total + of(split), 0)
  expect([found.ranked, found.kept]).toEqual([sum(({ ranked }) => ranked), sum(({ kept }) => kept)])
  expect(found.dropped).toEqual([
    { reason: 'no_candidate', count: 3 },
    { reason: 'incomplete', count: 1 },
  ])
})
