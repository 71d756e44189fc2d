/** Rows of one table as they are sent. */
export interface RowText {
  /** JSON lists of these columns' values, a line each; or blocks of ClickHouse's Native format. */
  format: RowFormat
  columns: readonly string[]
  rows: number
  /** Whole lines, or blocks, in each piece. */
  pieces: readonly Buffer[]
}

/** ClickHouse's names of the formats that rows are sent in. */
export type RowFormat = 'JSONCompactEachRow' | 'Native'

/** A few rows by column name as bytes to send, times as texts; what a row lacks is its column's default. */
export const rowText = (rows: readonly Record<string, unknown>[]): RowText => {
  const columns = namesOf(rows)
  const lines = rows.map((row) => `${JSON.stringify(columns.map((name) => row[name]))}\n`)
  return { format: 'JSONCompactEachRow', columns, rows: rows.length, pieces: [Buffer.from(lines.join(''))] }
}

const namesOf = (rows: readonly Record<string, unknown>[]): string[] => {
  const names = new Set<string>()
  for (const row of rows) for (const name in row) names.add(name)
  return [...names]
}

/** Rows of several texts of one format with equal columns as one, in their order, without a copy of their bytes. */
export const joinRowTexts = (texts: readonly RowText[]): RowText => ({
  format: texts[0]?.format ?? 'JSONCompactEachRow',
  columns: texts[0]?.columns ?? [],
  rows: texts.reduce((sum, { rows }) => sum + rows, 0),
  pieces: texts.flatMap(({ pieces }) => pieces),
})

/** How many bytes its rows are. */
export const bytesOf = ({ pieces }: RowText): number => pieces.reduce((sum, { length }) => sum + length, 0)

/** What is sent at once: many small writes cost more than copying them together. */
const sentBytes = 256 * 2 ** 10

/** The bytes of a text in larger pieces, each made when it is asked for, so that not all is there twice. */
export function* sentPieces({ pieces }: RowText): Generator<Buffer> {
  let gathered: Buffer[] = []
  let bytes = 0
  for (const piece of pieces) {
    if (bytes > 0 && bytes + piece.length > sentBytes) {
      yield joined(gathered, bytes)
      gathered = []
      bytes = 0
    }
    gathered.push(piece)
    bytes += piece.length
  }
  if (bytes > 0) yield joined(gathered, bytes)
}

const joined = (pieces: Buffer[], bytes: number): Buffer =>
  pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces, bytes)
