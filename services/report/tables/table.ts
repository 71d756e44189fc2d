/** What a column holds: names stand apart from the text around them, codes are not translated. */
export type ColumnKind = 'name' | 'code' | 'number' | 'text'

/** A column; a number where no kind is given. */
export interface Column {
  name: string
  kind?: ColumnKind
  /** Number of the translator line whose column it is. */
  line?: number
}

/** A cell with more than its text; texts are as they came, each writer escapes them. */
export interface Cell {
  text: string
  /** A second, smaller line. */
  note?: string
  /** Needs a person. */
  alert?: boolean
  /** From 0 to 1: a bar below the text. */
  share?: number
  /** Number of the translator line that it tells of. */
  line?: number
}

/** A table as every writer of a report takes it; the first cell of a row is its head. */
export interface Table {
  caption: string
  /** Number of the translator line that all of it tells of. */
  line?: number
  columns: Column[]
  rows: (Cell | string)[][]
  foot?: (Cell | string)[]
  /** Whether a chart shows the same, so that a page with charts leaves it out. */
  drawn?: boolean
  /** Stands instead of the table when it has no rows. */
  empty: string
}

/** A part of a report. */
export interface Section {
  id: string
  /** The title where there is little room. */
  short: string
  title: string
  /** A sentence or two on what is shown. */
  lede: string
  tables: Table[]
  /** Sentences below the tables. */
  notes: string[]
}

/** A cell as an object. */
export const cellOf = (cell: Cell | string): Cell => (typeof cell === 'string' ? { text: cell } : cell)
