/** Rows of one table as they are sent: JSON lists of these columns' values, a line each. */
export interface RowText {
  columns: readonly string[]
  rows: number
  /** The lines, whole ones in each piece. */
  pieces: readonly Buffer[]
}

/**
 * Rows by column name as bytes to send. A list of values, since names would be a third of what is sent; what a row lacks is its
 * column's default. Made as soon as rows are known: until they are written they are held as one piece outside of V8's heap, not as
 * objects that every collection would have to copy.
 */
export const rowText = (rows: readonly Record<string, unknown>[]): RowText => {
  const columns = namesOf(rows)
  return valuesText(
    rows.map((row) => columns.map((name) => row[name])),
    columns,
  )
}

/** As rowText, of the values of each row in the order of the columns. */
export const valuesText = (rows: readonly (readonly unknown[])[], columns: readonly string[]): RowText => {
  let filled = 0
  for (const row of rows) filled = write(`${JSON.stringify(row)}\n`, filled)
  return { columns, rows: rows.length, pieces: [Buffer.from(scratch.subarray(0, filled))] }
}

let scratch = Buffer.allocUnsafeSlow(2 ** 20)

/** Writes a text behind what is filled and returns its end. To count its bytes before would take as long again. */
const write = (text: string, filled: number): number => {
  const most = filled + 3 * text.length
  if (most > scratch.length) {
    const larger = Buffer.allocUnsafeSlow(2 * most)
    scratch.copy(larger, 0, 0, filled)
    scratch = larger
  }
  return filled + scratch.write(text, filled)
}

const namesOf = (rows: readonly Record<string, unknown>[]): string[] => {
  const names = new Set<string>()
  for (const row of rows) for (const name in row) names.add(name)
  return [...names]
}

/** Rows of several texts with equal columns as one, in their order, without a copy of their bytes. */
export const joinRowTexts = (texts: readonly RowText[]): RowText => ({
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
