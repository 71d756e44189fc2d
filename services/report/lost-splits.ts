import { formatCount, formatNumber, formatPercent, formatRatio } from '../../core/report/format.ts'
import type { Finding } from './findings.ts'
import { mainRanking, type RankingReport, type ReportData, type SplitRow } from './report-data.ts'
import { atMost, copiedSplits } from './split-findings.ts'
import { sqlCommand } from './sql-command.ts'
import { listed } from './tables/names.ts'

/** Splits that no candidate of the main ranking takes, then those of which it keeps less than half, the largest loss first. */
export const lostSplitFindings = (data: ReportData, most: number): Finding[] => {
  const ranking = mainRanking(data)
  if (!ranking) return []
  // What was not translated is told already.
  const copied = copiedSplits(data)
  const lost = ranking.splits
    .filter(({ split, kept, ranked }) => kept < ranked / 2 && !copied.has(split))
    .sort((a, b) => b.ranked - b.kept - (a.ranked - a.kept))
  return [
    ...atMost(
      lost.filter(({ examples }) => examples === 0),
      most,
      (row) => untakenFinding(row, ranking),
    ),
    ...atMost(
      lost.filter(({ examples }) => examples > 0),
      most,
      (row) => droppedFinding(row, ranking),
    ),
  ]
}

const untakenFinding = ({ split, ranked }: SplitRow, ranking: RankingReport): Finding => ({
  title: `${split} is taken by no candidate of ${ranking.ranking}: ${formatCount(ranked, 'conversation')} dropped.`,
  text: `${listed(ranking.candidates)} ${ranking.candidates.length === 1 ? 'leaves' : 'leave'} it out.`,
  command: commandOf(split, ranking),
  section: 'dropped',
})

const droppedFinding = (
  { split, kept, ranked, examples, lrAll, scrAll }: SplitRow,
  ranking: RankingReport,
): Finding => ({
  title: `${split} is mostly dropped from ${ranking.ranking}.`,
  text: `${formatNumber(kept)} of ${formatNumber(ranked)} kept (${formatPercent(kept / ranked)})${examples < ranked ? `, ${formatNumber(ranked - examples)} without a candidate` : ''}; over whole contents LR ${formatRatio(lrAll.mean, 3)}, SCR ${formatRatio(scrAll.mean, 3)}.`,
  command: commandOf(split, ranking),
  section: 'dropped',
})

const commandOf = (split: string, { ranking }: RankingReport): string =>
  sqlCommand(
    `SELECT id, why FROM v_ranked WHERE ranking = '${ranking}' AND split = '${split}' AND NOT keep LIMIT 20`,
    split,
  )
