import { absent, formatNumber, formatRatio } from '../../../core/report/format.ts'
import { shownPercentiles } from '../../../core/report/percentiles.ts'
import type { LineReport } from '../report-data.ts'
import { lineName } from './names.ts'
import type { Cell, Table } from './table.ts'

/** LR and SCR of every translator line's candidates, over both scopes. */
export const ratiosTable = (lines: readonly LineReport[]): Table => ({
  caption: 'Means over the candidates of each line, whether they won or not',
  columns: [
    { name: 'Line', kind: 'name' },
    ...[
      'Candidates',
      'LR, translated',
      'not applicable',
      'SCR, translated',
      'not applicable',
      'LR, whole',
      'SCR, whole',
    ].map((name) => ({ name })),
  ],
  rows: lines.map((line, at) => [
    { text: lineName(line), line: at },
    formatNumber(line.inLine),
    ...(line.inLine === 0
      ? Array.from({ length: 6 }, () => absent)
      : [
          formatRatio(line.lr.mean),
          formatNumber(line.lr.notApplicable),
          formatRatio(line.scr.mean),
          formatNumber(line.scr.notApplicable),
          formatRatio(line.lrAll.mean),
          formatRatio(line.scrAll.mean),
        ]),
  ]),
  empty: 'There is no translator.',
})

/** Percentiles of the tokens of every line's candidates. */
export const lengthsTable = (lines: readonly LineReport[]): Table => ({
  caption: 'Tokens of contents per candidate',
  columns: [
    { name: 'Line', kind: 'name' },
    ...shownPercentiles.map((percent) => ({ name: percent === 100 ? 'Longest' : `p${percent}` })),
  ],
  rows: lines.map(({ tokens, ...line }, at) => [
    { text: lineName(line), line: at },
    ...shownPercentiles.map((percent) => (tokens === null ? absent : formatNumber(tokens[percent]))),
  ]),
  empty: 'There is no translator.',
})

/** LR and SCR of every split in every line, over translated parts. */
export const lineSplitsTable = (lines: readonly LineReport[]): Table => {
  const splits = [...new Set(lines.flatMap((line) => line.splits.map(({ split }) => split)))].sort()
  const cell = (line: LineReport, split: string, metric: 'lr' | 'scr'): Cell | string => {
    const row = line.splits.find((found) => found.split === split)
    if (!row) return line.conversations > 0 ? 'not in line' : absent
    const { mean } = row[metric]
    return mean === null ? formatRatio(mean) : { text: formatRatio(mean), share: mean }
  }
  return {
    caption: 'Means by split, over translated parts',
    columns: [
      { name: 'Split', kind: 'name' },
      ...(['LR', 'SCR'] as const).flatMap((metric) =>
        lines.map((line, at) => ({ name: `${metric} ${lineName(line)}`, line: at })),
      ),
    ],
    rows: splits.map((split) => [
      split,
      ...lines.map((line) => cell(line, split, 'lr')),
      ...lines.map((line) => cell(line, split, 'scr')),
    ]),
    empty: lines.some(({ conversations }) => conversations > 0)
      ? 'No translator takes any of the conversations.'
      : 'No candidate has been scored yet.',
  }
}
