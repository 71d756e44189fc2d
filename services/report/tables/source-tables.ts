import { formatNumber } from '../../../core/report/format.ts'
import { badRowCount, type ReportData } from '../report-data.ts'
import type { Table } from './table.ts'

/** The files of all sources: rows read = came in + dropped + bad. */
export const filesTable = ({ files }: ReportData): Table => ({
  caption: 'Rows read = came in + left out + bad',
  columns: [
    { name: 'File', kind: 'name' },
    { name: 'Source', kind: 'name' },
    ...['Rows read', 'Came in', 'Left out', 'Bad'].map((name) => ({ name })),
  ],
  rows: files.map(({ source, file, rows, selected, dropped, bad, done }) => [
    { text: file, ...(!done && { note: 'not at its end yet' }) },
    source,
    formatNumber(rows),
    formatNumber(selected),
    formatNumber(dropped),
    { text: formatNumber(bad), ...(bad > 0 && { alert: true }) },
  ]),
  empty: 'No file has been read yet.',
})

/** The first rows that did not come in, with their places. */
export const badRowsTable = (data: ReportData): Table => {
  const all = badRowCount(data)
  const shown = data.badRows.length < all ? `, the first ${data.badRows.length} of ${formatNumber(all)}` : ''
  return {
    caption: `Rows and records that did not come in or on${shown}`,
    columns: [
      { name: 'Where', kind: 'name' },
      { name: 'Stage', kind: 'text' },
      { name: 'Reason', kind: 'code' },
      { name: 'What was found', kind: 'text' },
    ],
    rows: data.badRows.map(({ stage, file, line, reason, detail }) => [`${file}:${line}`, stage, reason, detail]),
    empty: 'Every row came in.',
  }
}
