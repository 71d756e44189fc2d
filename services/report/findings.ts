import { formatCount, formatNumber } from '../../core/report/format.ts'
import { lostSplitFindings } from './lost-splits.ts'
import { badRowCount, type ReportData } from './report-data.ts'
import { lineSplitFindings } from './split-findings.ts'
import { sqlCommand } from './sql-command.ts'
import { reasonText } from './tables/ledger-tables.ts'
import { listed } from './tables/names.ts'

/** Something a person should look at. */
export interface Finding {
  /** The fact. */
  title: string
  /** What it rests on. */
  text: string
  /** What to run next; empty where there is nothing to run. */
  command: string
  /** Section of the report that shows it. */
  section: string
}

const mostPerKind = 5

/** All findings, those first that make the figures themselves doubtful. */
export const findings = (data: ReportData): Finding[] => [
  ...pseudoFinding(data),
  ...underWayFinding(data),
  ...editedFinding(data),
  ...holeFindings(data),
  ...lineSplitFindings(data, mostPerKind),
  ...failureFinding(data),
  ...badRowFinding(data),
  ...lostSplitFindings(data, mostPerKind),
]

const pseudoFinding = ({ lines }: ReportData): Finding[] => {
  const pseudo = lines.filter((line) => line.pseudo).map(({ line }) => line)
  if (pseudo.length === 0) return []
  return [
    {
      title: `${listed(pseudo)} ${pseudo.length === 1 ? 'is' : 'are'} the pseudo translator: no translation.`,
      text: 'It puts an Arabic letter in the place of every Latin one, to try a pipeline. Its figures say nothing about quality.',
      command: '',
      section: 'made',
    },
  ]
}

const underWayFinding = ({ underWay, conversations, rankings }: ReportData): Finding[] => {
  if (!underWay) return []
  const least = Math.min(conversations, ...rankings.map(({ ranked }) => ranked))
  return [
    {
      title: 'These figures are not final.',
      text: `${formatNumber(least)} of the ${formatCount(conversations, 'conversation')} read so far have gone through every line.`,
      command: 'kalam status',
      section: 'flow',
    },
  ]
}

const editedFinding = ({ edited }: ReportData): Finding[] =>
  edited.length === 0
    ? []
    : [
        {
          title: `pipeline.yaml was edited since: ${listed(edited)}.`,
          text: 'These figures are of what is live, with the settings that it was built with.',
          command: 'kalam plan',
          section: 'made',
        },
      ]

const holeFindings = ({ lines }: ReportData): Finding[] =>
  lines.flatMap(({ line, chunks: { holes } }) =>
    holes === null || holes === 0
      ? []
      : [
          {
            title: `${formatCount(holes, 'chunk')} of ${line} ${holes === 1 ? 'has' : 'have'} no end in the tables.`,
            text: 'Every chunk must end as translated, kept, failed or skipped.',
            command: 'kalam verify',
            section: 'chunks',
          },
        ],
  )

const failureFinding = ({ lines, failedQuery }: ReportData): Finding[] => {
  const failed = lines.filter(({ chunks }) => chunks.failed > 0)
  const sum = failed.reduce((total, { chunks }) => total + chunks.failed, 0)
  if (sum === 0) return []
  return [
    {
      title: `${formatCount(sum, 'chunk')} failed.`,
      text: `${failed.map(({ line, failures }) => `${line}: ${reasonText(failures)}`).join('; ')}.`,
      command: sqlCommand(failedQuery),
      section: 'failures',
    },
  ]
}

const shownBadRows = 3

const firstBadRows = ({ badRows }: ReportData): string => {
  const first = badRows.slice(0, shownBadRows).map(({ file, line, reason }) => `${file}:${line} ${reason}`)
  return first.length === 0 ? '' : ` First: ${first.join(', ')}.`
}

const badRowFinding = (data: ReportData): Finding[] => {
  const count = badRowCount(data)
  if (count === 0) return []
  return [
    {
      title: `${formatCount(count, 'row')} did not come in.`,
      text: `${reasonText(data.badRowReasons)}.${firstBadRows(data)}`,
      command: sqlCommand('SELECT file, line_number, reason, detail FROM v_dead_letters'),
      section: 'sources',
    },
  ]
}
