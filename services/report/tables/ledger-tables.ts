import { absent, formatNumber, formatPercent, formatTokens, formatUsd } from '../../../core/report/format.ts'
import type { ChunkEnds, LineReport, ReasonCount } from '../report-data.ts'
import { lineName } from './names.ts'
import type { Cell, Table } from './table.ts'

/** Every chunk ends once: translated, kept as it is, failed or skipped. */
export const ledgerTable = (lines: readonly LineReport[]): Table => ({
  caption: 'Chunks by their end; a hole is a chunk without one',
  columns: [
    { name: 'Line', kind: 'name' },
    ...['Chunks', 'Translated', 'Kept as is', 'Failed', 'Skipped', 'Holes'].map((name) => ({ name })),
  ],
  rows: lines.map((line, at) => [
    { text: lineName(line), note: `chunked by ${line.chunking}`, line: at },
    formatNumber(chunkCount(line.chunks)),
    formatNumber(line.chunks.translated),
    formatNumber(line.chunks.kept),
    counted(line.chunks.failed),
    { text: formatNumber(line.chunks.skipped), ...noteOf(line.skips) },
    line.chunks.holes === null ? absent : counted(line.chunks.holes),
  ]),
  empty: 'There is no translator.',
})

/** What the answers took; a backend that calls nobody has none. */
export const callsTable = (lines: readonly LineReport[]): Table => ({
  caption: 'Answers, those from memory too: their tokens by the count of the server, and their price',
  columns: [
    { name: 'Line', kind: 'name' },
    { name: 'Backend', kind: 'text' },
    ...['Answers', 'From memory', 'Refused', 'Tokens in', 'Tokens out', 'Cost'].map((name) => ({ name })),
  ],
  rows: lines.map((line, at) => {
    const { sums } = line
    const refused = line.refused.reduce((sum, { count }) => sum + count, 0)
    const none = sums.calls === 0
    return [
      { text: lineName(line), line: at },
      { text: line.backend, ...(line.model !== '' && { note: line.model }) },
      none ? absent : formatNumber(sums.calls),
      none ? absent : { text: formatNumber(sums.fromMemory), note: formatPercent(sums.fromMemory / sums.calls) },
      none ? absent : { text: formatNumber(refused), ...noteOf(line.refused) },
      none ? absent : formatTokens(sums.promptTokens),
      none ? absent : formatTokens(sums.completionTokens),
      none ? absent : costCell(line),
    ]
  }),
  empty: 'There is no translator.',
})

/** What a line's answers cost: never 0 where no price was told. */
const costCell = ({ sums }: Pick<LineReport, 'sums'>): Cell => {
  if (sums.costUsd === null) return { text: 'not known' }
  return {
    text: formatUsd(sums.costUsd),
    ...(sums.unpriced > 0 && { note: `${formatNumber(sums.unpriced)} answers told no price` }),
  }
}

/** Chunks of a line that have an end. */
export const chunkCount = ({ translated, kept, failed, skipped }: ChunkEnds): number =>
  translated + kept + failed + skipped

/** Reasons with their counts in one text. */
export const reasonText = (reasons: readonly ReasonCount[]): string =>
  reasons.map(({ reason, count }) => `${reason} ${formatNumber(count)}`).join(', ')

const noteOf = (reasons: readonly ReasonCount[]): Pick<Cell, 'note'> =>
  reasons.length === 0 ? {} : { note: reasonText(reasons) }

const counted = (count: number): Cell => ({ text: formatNumber(count), ...(count > 0 && { alert: true }) })
