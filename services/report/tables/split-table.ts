import { absent, formatNumber, formatPercent, formatRatio } from '../../../core/report/format.ts'
import { overall } from '../../../core/report/overall.ts'
import type { LineReport, RankingReport, SplitRow } from '../report-data.ts'
import { noRanking, rankingName } from './names.ts'
import type { Cell, Table } from './table.ts'

/** Below it a mean of SCR over whole contents is marked, and so is one of LR: look there. */
const lowScr = 0.1
const lowLr = 0.6

/** The splits of each ranking; where there is none, a table that says so. */
export const splitTables = (rankings: readonly RankingReport[], lines: readonly LineReport[]): Table[] =>
  rankings.length === 0
    ? [{ caption: '', columns: [], rows: [], empty: noRanking }]
    : rankings.map((ranking) => splitTable(ranking, lines, rankings.length > 1))

/** A ranking's splits with the columns of the paper's Tables 1 and 2, and how many are kept; named where it is one of several. */
const splitTable = (ranking: RankingReport, lines: readonly LineReport[], isNamed = false): Table => {
  const most = Math.max(1, ...ranking.splits.map(({ meanTokens }) => meanTokens))
  const all = overall(ranking.splits)
  const sum = (of: (split: SplitRow) => number) => ranking.splits.reduce((total, split) => total + of(split), 0)
  return {
    ...(ranking.candidates.length === 1 && { line: lines.findIndex(({ line }) => line === ranking.candidates[0]) }),
    caption: `${rankingName(ranking)}: means over all its examples, kept or dropped`,
    columns: [
      { name: 'Split', kind: 'name' },
      ...['Num Examples', 'Mean LR', 'Mean SCR', 'Mean Turns', 'Mean Total Tokens', 'Kept'].map((name) => ({ name })),
    ],
    rows: all.examples === 0 ? [] : ranking.splits.map((split) => splitCells(split, most)),
    foot: [
      'All splits',
      formatNumber(all.examples),
      formatRatio(all.lrAll.mean),
      formatRatio(all.scrAll.mean),
      formatNumber(all.meanTurns, 2),
      formatNumber(all.meanTokens, 2),
      keptCell({ kept: sum(({ kept }) => kept), ranked: sum(({ ranked }) => ranked), examples: all.examples }),
    ],
    empty: isNamed ? `${rankingName(ranking)}: no ${emptyText(ranking)}` : `No ${emptyText(ranking)}`,
  }
}

/** Why a ranking has no example, after the word no: nothing is ranked, or nothing of it has a winner. */
const emptyText = ({ ranked, kept }: RankingReport): string =>
  ranked === 0
    ? 'conversation has been ranked yet.'
    : `conversation has a candidate; ${formatNumber(ranked - kept)} dropped.`

const splitCells = (row: SplitRow, mostTokens: number): (Cell | string)[] => [
  row.split,
  formatNumber(row.examples),
  ...(row.examples === 0
    ? [absent, absent, absent, absent]
    : [
        ratioCell(row.lrAll.mean, lowLr),
        ratioCell(row.scrAll.mean, lowScr),
        formatNumber(row.meanTurns, 2),
        { text: formatNumber(row.meanTokens, 2), share: row.meanTokens / mostTokens },
      ]),
  keptCell(row),
]

const ratioCell = (ratio: number | null, low: number): Cell =>
  ratio === null
    ? { text: formatRatio(ratio) }
    : { text: formatRatio(ratio), share: ratio, ...(ratio < low && { alert: true }) }

/** How many are kept, and their share of all that are ranked: a conversation without a candidate is dropped too. */
const keptCell = ({ kept, ranked, examples }: Pick<SplitRow, 'kept' | 'ranked' | 'examples'>): Cell => ({
  text: formatNumber(kept),
  ...(kept < ranked && {
    note: `${formatPercent(kept / ranked)}${examples < ranked ? ` of ${formatNumber(ranked)} ranked` : ''}`,
  }),
})
