import { formatCount, formatNumber } from '../../core/report/format.ts'
import { mainRanking, type ReportData } from './report-data.ts'
import { callsTable, ledgerTable, reasonText } from './tables/ledger-tables.ts'
import { lengthsTable, lineSplitsTable, ratiosTable } from './tables/line-tables.ts'
import { droppedTable, failuresTable, flagsTable, flowTable, savedTable, winnersTable } from './tables/loss-tables.ts'
import { badRowsTable, filesTable } from './tables/source-tables.ts'
import { splitTables } from './tables/split-table.ts'
import { summaryTable } from './tables/summary-table.ts'
import type { Section, Table } from './tables/table.ts'

type Part = Omit<Section, 'notes'> & { notes?: string[] }

/** All parts of a report in their order; every writer shows the same ones. */
export const sections = (data: ReportData): Section[] =>
  parts(data).map((part) => ({ ...part, notes: part.notes ?? [] }))

const parts = (data: ReportData): Part[] => {
  const { rankings, lines } = data
  const main = mainRanking(data)
  // The main ranking first: it is what the head tells of.
  const ordered = [...rankings].sort((a, b) => Number(b === main) - Number(a === main))
  return [
    {
      id: 'flow',
      short: 'Flow',
      title: 'Where the conversations went',
      lede: main ? `From the rows read to what ${main.ranking} keeps.` : 'From the rows read to the translators.',
      tables: [...(main ? [flowTable(data, main)] : []), winnersTable(ordered, lines)],
    },
    {
      id: 'summary',
      short: 'Overall',
      title: 'Overall',
      lede: 'LR and SCR over whole contents are what the tables of the SmolKalam paper show; those over translated parts leave out what is kept as it is, such as code and tool calls. Gates and ranking use the latter.',
      tables: [summaryTable(ordered)],
    },
    {
      id: 'splits',
      short: 'Splits',
      title: 'Splits',
      lede: 'The columns of Tables 1 and 2 of the SmolKalam paper, and how many are kept of all that are ranked. LR and SCR are over whole contents.',
      tables: splitTables(ordered, lines),
      notes: [
        'Marked are an LR below 0.6 and an SCR below 0.1. Splits with code and tool calls have a low SCR over whole contents by construction.',
      ],
    },
    {
      id: 'quality',
      short: 'LR and SCR',
      title: 'LR and SCR of the translators',
      lede: 'Of every candidate, over translated parts. Good human Arabic has an LR of about 0.80 to 0.82, not 1.',
      tables: [ratiosTable(lines), lineSplitsTable(lines)],
    },
    {
      id: 'dropped',
      short: 'Kept, dropped',
      title: 'Kept and dropped',
      lede: 'What does not apply passes a gate.',
      tables: [droppedTable(ordered)],
      notes: ordered.map(
        ({ ranking, gates }) =>
          `${ranking} keeps what is ${gates.length === 0 ? 'ranked: it has no gates' : gates.join(', ')}.`,
      ),
    },
    ...chunkParts(data),
    ...(lines.some(({ flagged }) => flagged.length > 0)
      ? [
          {
            id: 'flags',
            short: 'Findings',
            title: 'What the detectors found',
            lede: 'A flag says where to look; it drops nothing by itself.',
            tables: [flagsTable(lines)],
          },
        ]
      : []),
    {
      id: 'length',
      short: 'Length',
      title: 'Tokens per candidate',
      lede: 'Counted with the Llama 3.1 tokenizer. The scale is logarithmic.',
      tables: [lengthsTable(lines)],
    },
    {
      id: 'sources',
      short: 'Sources',
      title: 'Sources and rows that did not come in',
      lede: sourcesLede(data),
      tables: [filesTable(data), badRowsTable(data)],
    },
    madePart(data),
  ]
}

const chunkParts = (data: ReportData): Part[] => {
  const { lines, savedConversations: saved } = data
  return [
    {
      id: 'failures',
      short: 'Failures',
      title: 'Failures',
      lede: 'A failed chunk never becomes an empty text: its source text stands in its place, and the candidate counts as incomplete.',
      tables: [failuresTable(lines), savedTable(data)],
      notes: saved === 0 ? [] : [`${formatCount(saved, 'conversation')} that one line lost came whole from another.`],
    },
    {
      id: 'chunks',
      short: 'Chunks, cost',
      title: 'Chunks and cost',
      lede: 'Every chunk ends once: translated, kept as it is, failed or skipped.',
      tables: [ledgerTable(lines), callsTable(lines)],
    },
  ]
}

const sourcesLede = ({ files, badRowReasons }: ReportData): string => {
  const rows = files.reduce((sum, file) => sum + file.rows, 0)
  const bad = badRowReasons.length === 0 ? 'none of them bad' : `refused: ${reasonText(badRowReasons)}`
  return `${formatCount(rows, 'row')} of ${formatCount(files.length, 'file')} read, ${bad}.`
}

const madePart = (data: ReportData): Part => {
  const table: Table = {
    caption: 'What made these figures',
    columns: [
      { name: '', kind: 'text' },
      { name: '', kind: 'text' },
    ],
    rows: [
      ['Pipeline', data.pipeline],
      ['Target language', data.language],
      ['Conversations', formatNumber(data.conversations)],
      ...data.lines.map(({ line, backend, model, chunking, pseudo }) => [
        `Translator ${line}`,
        [backend, model, `chunked by ${chunking}`, pseudo ? 'no translation' : '']
          .filter((text) => text !== '')
          .join(', '),
      ]),
      ...data.rankings.map(({ ranking, candidates, gates }) => [
        `Ranking ${ranking}`,
        `candidates ${candidates.join(', ')}; keeps ${gates.join(', ') || 'everything'}`,
      ]),
      ['Tokenizer', 'Llama 3.1'],
      ['Made by', `kalam ${data.version}, ${data.at}`],
    ],
    empty: '',
  }
  return {
    id: 'made',
    short: 'How made',
    title: 'How it was made',
    lede: 'From the settings of pipeline.yaml.',
    tables: [table],
  }
}
