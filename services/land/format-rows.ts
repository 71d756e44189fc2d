import stringWidth from 'string-width'
import { KalamError } from '../../dataflow/error.ts'
import type { ResultTable } from './warehouse.ts'

/**
 * Rows as an aligned table for reading, or complete as JSON lines or CSV with its head; null is – in a table, empty in CSV.
 * KalamError usage for JSON with columns of equal names.
 */
export const formatRows = ({ names, rows }: ResultTable, format: 'table' | 'json' | 'csv'): string => {
  if (format === 'json') return jsonLines(names, rows)
  if (format === 'table') return rows.length === 0 ? 'no rows\n' : table(names, rows)
  if (names.length === 0) return ''
  return [names, ...rows.map((row) => row.map(exact))].map((cells) => `${cells.map(csvCell).join(',')}\n`).join('')
}

/** Written key by key: an object would put names that are whole numbers first. */
const jsonLines = (names: string[], rows: unknown[][]): string => {
  const twice = names.find((name, at) => names.indexOf(name) < at)
  if (twice !== undefined)
    throw new KalamError('usage', `writing JSON: two columns are named ${JSON.stringify(twice)}`, {
      hint: 'Name them differently: SELECT … AS one, … AS other. Or use --format table or csv.',
    })
  const keys = names.map((name) => `${JSON.stringify(name)}:`)
  return rows.map((row) => `{${row.map((value, i) => keys[i]! + JSON.stringify(value)).join(',')}}\n`).join('')
}

const longest = 60

const table = (names: string[], rows: unknown[][]): string => {
  const heads = names.map(inLine)
  const cells = rows.map((row) => row.map((value) => shorten(inLine(text(value)))))
  const widths = heads.map((head, i) =>
    cells.reduce((width, row) => Math.max(width, stringWidth(row[i]!)), stringWidth(head)),
  )
  const numeric = names.map((_, i) => rows.every((row) => row[i] === null || typeof row[i] === 'number'))
  const line = (row: string[]) =>
    row
      .map((cell, i) => {
        const space = ' '.repeat(Math.max(0, widths[i]! - stringWidth(cell)))
        return numeric[i] ? space + cell : cell + space
      })
      .join('  ')
      .trimEnd()
  return `${[line(heads), widths.map((width) => '-'.repeat(width)).join('  '), ...cells.map(line)].join('\n')}\n`
}

/** Neither breaks the line nor reaches the terminal as a control character. */
const inLine = (shown: string): string => shown.replace(/[\s\p{Cc}]+/gu, ' ')

const exact = (value: unknown): string => {
  if (value === null || value === undefined) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

const text = (value: unknown): string => {
  if (value === null || value === undefined) return '–'
  if (typeof value === 'number' && !Number.isInteger(value)) return String(Number(value.toPrecision(6)))
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

const shorten = (cell: string): string => {
  if (cell.length <= longest) return cell
  const cut = cell.slice(0, longest - 1)
  return `${cut.isWellFormed() ? cut : cut.slice(0, -1)}…`
}

const csvCell = (cell: string): string => (/[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)
