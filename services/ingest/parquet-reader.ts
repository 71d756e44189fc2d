import { type AsyncBuffer, asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { messageOf } from '../../dataflow/error.ts'
import type { SourceRow } from './source-reader.ts'

/** Rows of a Parquet file from a row on, a row group at a time. A damaged file ends with one bad row damaged_parquet. */
export async function* parquetRows(options: {
  path: string
  from: number
  position: number
  signal: AbortSignal
}): AsyncGenerator<SourceRow[]> {
  let row = options.from
  const place = (offset: number) => ({
    position: options.position + offset - options.from,
    line: offset + 1,
    byteStart: offset,
    byteEnd: offset + 1,
    next: offset + 1,
  })
  try {
    const file: AsyncBuffer = await asyncBufferFromFile(options.path)
    const metadata = await parquetMetadataAsync(file)
    let groupStart = 0
    for (const group of metadata.row_groups) {
      const groupEnd = groupStart + Number(group.num_rows)
      if (groupEnd > row) {
        const values = await parquetReadObjects({ file, metadata, compressors, rowStart: row, rowEnd: groupEnd })
        if (options.signal.aborted) return
        yield values.map((value, i) => ({ ...place(row + i), value: plain(value) }))
        row = groupEnd
      }
      groupStart = groupEnd
    }
  } catch (thrown) {
    if (options.signal.aborted) return
    const detail = `the file is damaged or cut off: ${messageOf(thrown)}`
    yield [{ ...place(row), bad: { reason: 'damaged_parquet', detail, raw: new Uint8Array() } }]
  }
}

/** Values as JSON has them: big integers as numbers where exact, else as texts; bytes as text; dates as ISO texts. */
const plain = (value: unknown): unknown => {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString()
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8')
  if (Array.isArray(value)) return value.map(plain)
  if (value === undefined) return null
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, plain(field)]))
}
