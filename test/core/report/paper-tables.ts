import { readFileSync } from 'node:fs'

/** The rows of a table of the paper, by column name. */
export function paperTable(number: 1 | 2 | 3 | 4 | 5 | 6): Record<string, string>[] {
  const [head = '', ...lines] = readFileSync(new URL(`../../data/paper/table${number}.tsv`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
  const columns = head.split('\t')
  return lines.map((line) => Object.fromEntries(line.split('\t').map((cell, at) => [columns[at]!, cell])))
}

/** A column of a table as numbers. */
export function numbersOf(rows: Record<string, string>[], column: string): number[] {
  return rows.map((row) => Number(row[column]))
}
