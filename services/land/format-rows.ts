import stringWidth from 'string-width'

type Row = Record<string, unknown>

/** Rows as an aligned table for reading, or complete as JSON lines or CSV with its head; null is – in a table, empty in CSV. */
export const formatRows = (
  rows: Row[],
  format: 'table' | 'json' | 'csv',
  names: string[] = Object.keys(rows[0] ?? {}),
): string => {
  if (format === 'json') return rows.map((row) => `${JSON.stringify(row)}\n`).join('')
  if (format === 'csv')
    return names.length === 0
      ? ''
      : [names, ...rows.map((row) => names.map((name) => exact(row[name])))]
          .map((cells) => `${cells.map(csvCell).join(',')}\n`)
          .join('')
  return rows.length === 0 ? 'no rows\n' : table(names, rows)
}

const longest = 60

const table = (names: string[], rows: Row[]): string => {
  const cells = rows.map((row) => names.map((name) => shorten(text(row[name]).replace(/[\s\p{Cc}]+/gu, ' '))))
  const widths = names.map((name, i) =>
    cells.reduce((width, row) => Math.max(width, stringWidth(row[i]!)), stringWidth(name)),
  )
  const numeric = names.map((name) => rows.every((row) => row[name] === null || typeof row[name] === 'number'))
  const line = (row: string[]) =>
    row
      .map((cell, i) => {
        const space = ' '.repeat(Math.max(0, widths[i]! - stringWidth(cell)))
        return numeric[i] ? space + cell : cell + space
      })
      .join('  ')
      .trimEnd()
  return `${[line(names), widths.map((width) => '-'.repeat(width)).join('  '), ...cells.map(line)].join('\n')}\n`
}

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
