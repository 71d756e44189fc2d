import { absent, formatNumber, formatPercent } from '../../../core/report/format.ts'
import type { LineReport, RankingReport, ReportData } from '../report-data.ts'
import { failureMeanings } from './failure-meanings.ts'
import { lineName, noRanking, rankingName } from './names.ts'
import type { Cell, Table } from './table.ts'

/** The flow of a ranking as a table: from the rows read to what it keeps, with every loss. */
export const flowTable = (data: ReportData, { ranked, kept, dropped, candidates }: RankingReport): Table => {
  const sum = (of: (file: ReportData['files'][number]) => number) =>
    data.files.reduce((total, file) => total + of(file), 0)
  const leftOut = sum((file) => file.dropped)
  const loss = ({ reason, count }: { reason: string; count: number }) => [`lost: ${reason}`, formatNumber(count)]
  return {
    caption: 'Conversations from step to step',
    drawn: true,
    columns: [{ name: 'Step', kind: 'text' }, { name: 'Conversations' }],
    rows: [
      ['Rows read', formatNumber(sum((file) => file.rows))],
      ...(leftOut > 0 ? [loss({ reason: 'left out by the selection', count: leftOut })] : []),
      ...data.badRowReasons.map(loss),
      ['Came in', formatNumber(data.conversations)],
      ...data.lines
        .filter(({ line }) => candidates.includes(line))
        .flatMap((line) => [
          [`Candidates of ${lineName(line)}`, formatNumber(line.inLine)],
          ['of these complete', formatNumber(line.complete)],
        ]),
      ['Ranked', formatNumber(ranked)],
      ...dropped.map(loss),
      ['Kept', formatNumber(kept)],
    ],
    empty: 'No row has been read yet.',
  }
}

/** Dropped conversations by the first gate they did not pass, a column per ranking. */
export const droppedTable = (rankings: readonly RankingReport[]): Table => {
  const dropped = ({ ranked, kept }: RankingReport): number => ranked - kept
  return {
    caption: 'Conversations dropped, by the first reason',
    columns: [{ name: 'Reason', kind: 'code' }, ...rankings.map((ranking) => ({ name: rankingName(ranking) }))],
    rows: reasonsOf(rankings.map((ranking) => ranking.dropped)).map((reason) => [
      reason,
      ...rankings.map((ranking) => countCell(ranking.dropped, reason, ranking.ranked)),
    ]),
    foot: ['All reasons', ...rankings.map((ranking) => formatNumber(dropped(ranking)))],
    empty: rankings.length === 0 ? noRanking : 'No conversation was dropped.',
  }
}

/** Who won, a row per translator line and a column per ranking. */
export const winnersTable = (rankings: readonly RankingReport[], lines: readonly LineReport[]): Table => ({
  caption: 'Conversations won, and of these kept',
  columns: [{ name: 'Line', kind: 'name' }, ...rankings.map((ranking) => ({ name: rankingName(ranking) }))],
  rows: (rankings.length === 0 ? [] : lines).map((line, at) => [
    { text: lineName(line), line: at },
    ...rankings.map(({ candidates, winners }): Cell | string => {
      if (!candidates.includes(line.line)) return absent
      const { won = 0, kept = 0 } = winners.find((winner) => winner.line === line.line) ?? {}
      return { text: formatNumber(won), note: `${formatNumber(kept)} kept` }
    }),
  ]),
  empty: rankings.length === 0 ? noRanking : 'There is no translator.',
})

/** Failed chunks by reason, a column per translator line. */
export const failuresTable = (lines: readonly LineReport[]): Table => ({
  caption: 'Chunks that failed for good',
  columns: [
    { name: 'Reason', kind: 'code' },
    ...lines.map((line, at) => ({ name: lineName(line), line: at })),
    { name: 'What it means', kind: 'text' },
  ],
  rows: reasonsOf(lines.map(({ failures }) => failures)).map((reason) => [
    reason,
    ...lines.map(({ failures }) => countCell(failures, reason)),
    failureMeanings[reason] ?? absent,
  ]),
  foot: ['All reasons', ...lines.map(({ chunks }) => formatNumber(chunks.failed)), ''],
  empty: 'No chunk failed.',
})

/** Conversations that one line lost and another has whole. */
export const savedTable = ({ saved, savedConversations, lines }: ReportData): Table => {
  const at = (name: string) => lines.findIndex(({ line }) => line === name)
  return {
    caption: 'Incomplete in one line, whole in another',
    columns: [{ name: 'Lost by', kind: 'name' }, { name: 'Saved by', kind: 'name' }, { name: 'Conversations' }],
    rows: saved.map(({ lost, by, count }) => [
      { text: lost, line: at(lost) },
      { text: by, line: at(by) },
      formatNumber(count),
    ]),
    foot: ['Each counted once', '', formatNumber(savedConversations)],
    empty: 'No conversation was saved by another line.',
  }
}

/** Candidates with a finding, a column per translator line, in 10,000. */
export const flagsTable = (lines: readonly LineReport[]): Table => ({
  caption: 'Candidates with a finding, and how many that is of 10,000',
  columns: [{ name: 'Finding', kind: 'code' }, ...lines.map((line, at) => ({ name: lineName(line), line: at }))],
  rows: reasonsOf(lines.map(({ flagged }) => flagged)).map((reason) => [
    reason,
    ...lines.map(({ flagged, inLine }): Cell | string => {
      const count = flagged.find((flag) => flag.reason === reason)?.count ?? 0
      if (count === 0) return absent
      return { text: formatNumber(count), note: `${formatNumber((count / Math.max(1, inLine)) * 10_000, 1)} of 10,000` }
    }),
  ]),
  empty: 'Nothing was found.',
})

const reasonsOf = (lists: readonly (readonly { reason: string; count: number }[])[]): string[] => {
  const sums = new Map<string, number>()
  for (const { reason, count } of lists.flat()) sums.set(reason, (sums.get(reason) ?? 0) + count)
  return [...sums].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([reason]) => reason)
}

const countCell = (
  counts: readonly { reason: string; count: number }[],
  reason: string,
  of?: number,
): Cell | string => {
  const count = counts.find((row) => row.reason === reason)?.count ?? 0
  if (count === 0) return absent
  return { text: formatNumber(count), ...(of !== undefined && of > 0 && { note: formatPercent(count / of) }) }
}
