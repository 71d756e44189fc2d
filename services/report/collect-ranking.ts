import type { RankingConfig } from '../config.ts'
import type { Warehouse } from '../land/warehouse.ts'
import type { RankingReport, ReasonCount, SplitRow, WinnerCount } from './report-data.ts'
import { meanColumns, type Read, readMean } from './sql-means.ts'

const rows = 'v_ranked WHERE ranking = {ranking:String}'
const won = `${rows} AND winner != ''`

/** One ranking's figures: means over its winners, kept or dropped; what does not apply is left out of means and counted. */
export const collectRanking = async (
  warehouse: Warehouse,
  ranking: string,
  { candidates, keep }: RankingConfig,
): Promise<RankingReport> => {
  const of = { ranking }
  const [all] = await warehouse.query<Read>(
    `SELECT count() AS ranked, countIf(keep) AS kept, sumIf(metrics['tokens_content'], keep) AS keptTokens FROM ${rows}`,
    of,
  )
  const [winners] = await warehouse.query<Read>(
    `SELECT ${meanColumns('lr', 'scr')}, quantileExactInclusive(0.5)(metrics['turns']) AS medianTurns,
  quantileExact(0.95)(metrics['tokens_content']) AS p95Tokens, avg(metrics['tokens_rendered']) AS meanTokensRendered,
  countIf((source, split, row, winner) IN (SELECT source, split, row, line FROM v_candidates WHERE pseudo)) AS pseudo FROM ${won}`,
    of,
  )
  return {
    ranking,
    candidates,
    gates: gatesOf(keep),
    pseudo: Number(winners?.pseudo ?? 0) > 0,
    ranked: all?.ranked ?? 0,
    kept: all?.kept ?? 0,
    keptTokens: all?.keptTokens ?? 0,
    splits: await collectSplits(warehouse, ranking),
    lr: readMean(winners, 'lr'),
    scr: readMean(winners, 'scr'),
    medianTurns: winners?.medianTurns ?? 0,
    p95Tokens: winners?.p95Tokens ?? 0,
    meanTokensRendered: winners?.meanTokensRendered ?? 0,
    dropped: await warehouse.query<ReasonCount>(
      `SELECT reasons[1] AS reason, count() AS count FROM ${rows} AND NOT keep GROUP BY reason ORDER BY count DESC, reason`,
      of,
    ),
    winners: await warehouse.query<WinnerCount>(
      `SELECT winner AS line, count() AS won, countIf(keep) AS kept FROM ${won} GROUP BY line ORDER BY won DESC, line`,
      of,
    ),
  }
}

// A conversation without a winner has no metrics, so means leave it out by themselves.
const collectSplits = async (warehouse: Warehouse, ranking: string): Promise<SplitRow[]> => {
  const found = await warehouse.query<Read & { split: string }>(
    `SELECT split, count() AS ranked, countIf(winner != '') AS examples, countIf(keep) AS kept, ${meanColumns('lr_all', 'scr_all')},
  avg(metrics['turns']) AS meanTurns, avg(metrics['tokens_content']) AS meanTokens FROM ${rows} GROUP BY split ORDER BY split`,
    { ranking },
  )
  return found.map((row) => ({
    split: row.split,
    ranked: row.ranked ?? 0,
    examples: row.examples ?? 0,
    kept: row.kept ?? 0,
    lrAll: readMean(row, 'lr_all'),
    scrAll: readMean(row, 'scr_all'),
    meanTurns: row.meanTurns ?? 0,
    meanTokens: row.meanTokens ?? 0,
  }))
}

const gatesOf = ({ complete, lr, scr, metrics }: RankingConfig['keep']): string[] => [
  ...(complete ? ['complete'] : []),
  ...Object.entries({ lr, scr, ...metrics }).flatMap(([metric, threshold]) =>
    threshold === undefined ? [] : [`${metric} ${threshold}`],
  ),
]
