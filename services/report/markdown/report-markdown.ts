import { findings } from '../findings.ts'
import { headline, subline } from '../headline.ts'
import type { ReportData } from '../report-data.ts'
import { sections } from '../sections.ts'
import { type Cell, type Column, cellOf, type Section, type Table } from '../tables/table.ts'
import { escapeMarkdown as m, markdownCode } from './escape-markdown.ts'

/** The report as Markdown: the head, what a person should look at, and every table. */
export const reportMarkdown = (data: ReportData): string =>
  [
    `# ${m(data.pipeline)}`,
    ...(data.lines.some(({ pseudo }) => pseudo) ? ['**▲ pseudo: some of this is no translation.**'] : []),
    `**${m(headline(data).join(' '))}** ${m(subline(data))}`,
    `Made ${m(data.at)} by kalam ${m(data.version)}.`,
    ...findingList(data),
    ...sections(data).flatMap(sectionBlocks),
  ]
    .join('\n\n')
    .concat('\n')

const findingList = (data: ReportData): string[] => {
  const found = findings(data)
  if (found.length === 0) return []
  const items = found.map(
    ({ title, text, command }) =>
      `- ▲ **${m(title)}** ${m(text)}${command === '' ? '' : ` Run ${markdownCode(command)}`}`,
  )
  return ['## To look at', items.join('\n')]
}

const sectionBlocks = ({ title, lede, tables, notes }: Section): string[] => [
  `## ${m(title)}`,
  m(lede),
  ...tables.flatMap(tableBlocks),
  ...(notes.length === 0 ? [] : [notes.map((note) => `- ${m(note)}`).join('\n')]),
]

const tableBlocks = (table: Table): string[] => {
  if (table.rows.length === 0) return [m(table.empty)]
  const { columns, rows, foot } = table
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [
    `**${m(table.caption)}**`,
    [
      line(columns.map(({ name }) => m(name))),
      line(columns.map(({ kind }) => (kind === undefined || kind === 'number' ? '---:' : '---'))),
      ...rows.map((row) => line(row.map((cell, at) => cellText(cell, columns[at]!)))),
      ...(foot ? [line(foot.map((cell, at) => `**${cellText(cell, { ...columns[at]!, kind: 'text' })}**`))] : []),
    ]
      .join('\n')
      .replaceAll('****', ''),
  ]
}

const cellText = (cell: Cell | string, { kind }: Column): string => {
  const { text, note, alert } = cellOf(cell)
  const shown = kind === 'code' ? markdownCode(text) : m(text)
  return `${alert ? '▲ ' : ''}${shown}${note === undefined ? '' : ` (${m(note)})`}`
}
