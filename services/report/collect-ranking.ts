import type { Warehouse } from '../land/warehouse.ts'
import type { RankingReport, ReasonCount, SplitRow } from './report-data.ts'

const bins = 50

type Summary = Omit<
  RankingReport,
  'ranking' | 'candidates' | 'splits' | 'lrHistogram' | 'scrHistogram' | 'dropped' | 'winners'
>

/** One ranking's figures: means over its winners, kept or not, nulls left out of means and counted. */
export const collectRanking = async (
  warehouse: Warehouse,
  ranking: string,
  candidates: string[],
): Promise<RankingReport> => {
  const of = { ranking }
  const rows = 'v_ranked WHERE ranking = {ranking:String}'
  const won = `${rows} AND winner != ''`
  const splits = await warehouse.query<SplitRow>(
    `SELECT split, count() AS examples, countIf(keep) AS kept, avg(metrics['lr_all']) AS meanLr, avg(metrics['scr_all']) AS meanScr,
  avg(metrics['turns']) AS meanTurns, avg(metrics['tokens_content']) AS meanTokens FROM ${won} GROUP BY split ORDER BY split`,
    of,
  )
  const [summary] = await warehouse.query<Summary>(
    `SELECT count() AS examples, countIf(keep) AS kept, avg(metrics['lr']) AS meanLr, avg(metrics['scr']) AS meanScr,
  countIf(metrics['lr'] IS NULL) AS lrNull, countIf(metrics['scr'] IS NULL) AS scrNull,
  avg(metrics['lr_all']) AS meanLrAll, avg(metrics['scr_all']) AS meanScrAll,
  avg(metrics['turns']) AS meanTurns, quantileExact(0.5)(metrics['turns']) AS medianTurns,
  avg(metrics['tokens_content']) AS meanTokens, quantileExact(0.95)(metrics['tokens_content']) AS p95Tokens,
  sum(metrics['tokens_content']) AS totalTokens FROM ${won}`,
    of,
  )
  return {
    ranking,
    candidates,
    splits,
    ...summary!,
    lrHistogram: await histogram(warehouse, won, 'lr', of),
    scrHistogram: await histogram(warehouse, won, 'scr', of),
    dropped: await warehouse.query<ReasonCount>(
      `SELECT reasons[1] AS reason, count() AS count FROM ${rows} AND NOT keep GROUP BY reason ORDER BY count DESC, reason`,
      of,
    ),
    winners: await warehouse.query<ReasonCount>(
      `SELECT winner AS reason, count() AS count FROM ${rows} GROUP BY reason ORDER BY count DESC, reason`,
      of,
    ),
  }
}

const histogram = async (
  warehouse: Warehouse,
  from: string,
  metric: string,
  parameters: Record<string, unknown>,
): Promise<number[]> => {
  const found = await warehouse.query<{ bin: number; count: number }>(
    `SELECT least(toUInt32(floor(assumeNotNull(metrics['${metric}']) * ${bins})), ${bins - 1}) AS bin, count() AS count
FROM ${from} AND metrics['${metric}'] IS NOT NULL GROUP BY bin`,
    parameters,
  )
  const counts = new Array<number>(bins).fill(0)
  for (const { bin, count } of found) counts[bin] = count
  return counts
}
