import {
  absent,
  formatMillions,
  formatNumber,
  formatPercent,
  formatRatio,
  formatTokens,
} from '../../../core/report/format.ts'
import { type Overall, overall } from '../../../core/report/overall.ts'
import type { Mean } from '../../../core/report/ratio-stats.ts'
import type { RankingReport } from '../report-data.ts'
import { noRanking, rankingName } from './names.ts'
import type { Cell, Table } from './table.ts'

/** All rankings side by side: the summary of section 4.1 of the paper, and what it leaves out. */
export const summaryTable = (rankings: readonly RankingReport[]): Table => {
  const columns = rankings.map((ranking) => ({ ranking, all: overall(ranking.splits) }))
  const row = (name: string, cell: (ranking: RankingReport, all: Overall) => Cell | string): (Cell | string)[] => [
    name,
    ...columns.map(({ ranking, all }) => (all.examples === 0 ? absent : cell(ranking, all))),
  ]
  return {
    caption: 'Means over all examples, kept or dropped; example-weighted over the splits',
    columns: [{ name: '', kind: 'text' }, ...rankings.map((ranking) => ({ name: rankingName(ranking) }))],
    rows:
      rankings.length === 0
        ? []
        : [
            row('Examples', (_, all) => formatNumber(all.examples)),
            ...withoutCandidate(columns),
            ['Kept', ...rankings.map(keptCell)],
            row('Tokens', (_, all) => millionsOf(all.tokens)),
            row('Tokens, kept', ({ keptTokens }) => millionsOf(keptTokens)),
            row('Mean tokens per example', (_, all) => formatNumber(all.meanTokens)),
            row('95th percentile of tokens', ({ p95Tokens }) => formatNumber(p95Tokens)),
            row('Mean tokens with template and tools', ({ meanTokensRendered }) => formatNumber(meanTokensRendered)),
            row('Mean turns', (_, all) => formatNumber(all.meanTurns, 3)),
            row('Median turns', ({ medianTurns }) => formatNumber(medianTurns, medianTurns % 1 === 0 ? 0 : 1)),
            row('Mean LR, whole contents', (_, all) => meanCell(all.lrAll, all.examples)),
            row('Mean SCR, whole contents', (_, all) => meanCell(all.scrAll, all.examples)),
            row('Mean LR, translated parts', ({ lr }, all) => meanCell(lr, all.examples)),
            row('Mean SCR, translated parts', ({ scr }, all) => meanCell(scr, all.examples)),
          ],
    empty: noRanking,
  }
}

/** Conversations that are ranked and no example: dropped because no candidate has them. */
const withoutCandidate = (columns: readonly { ranking: RankingReport; all: Overall }[]): string[][] => {
  const counts = columns.map(({ ranking, all }) => ranking.ranked - all.examples)
  return counts.some((count) => count > 0)
    ? [['Without a candidate', ...counts.map((count) => formatNumber(count))]]
    : []
}

const keptCell = ({ kept, ranked }: RankingReport): Cell | string =>
  ranked === 0 ? absent : { text: formatNumber(kept), note: formatPercent(kept / ranked) }

const millionsOf = (tokens: number): string => (tokens < 1e6 ? formatTokens(tokens) : formatMillions(tokens))

/** A mean, and to how many it does not apply. */
const meanCell = ({ mean, counted }: Mean, examples: number): Cell => ({
  text: formatRatio(mean),
  ...(counted < examples && mean !== null && { note: `not applicable to ${formatNumber(examples - counted)}` }),
})
