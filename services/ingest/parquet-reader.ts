import { isUtf8 } from 'node:buffer'
import { asyncBufferFromFile, type FileMetaData, parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { messageOf } from '../../dataflow/error.ts'
import type { SourceRow } from './source-reader.ts'

/**
 * Rows of a Parquet file from a row on, a row group at a time; byteStart and byteEnd count rows. A damaged or cut off
 * file gives the row groups before the damage, then one bad row damaged_parquet.
 */
export async function* parquetRows(options: {
  path: string
  from: number
  signal: AbortSignal
}): AsyncGenerator<SourceRow[]> {
  const { path, from, signal } = options
  const place = (row: number) => ({
    line: row + 1,
    byteStart: row,
    byteEnd: row + 1,
    next: row + 1,
  })
  let row = from
  try {
    const file = await asyncBufferFromFile(path)
    const metadata = await parquetMetadataAsync(file)
    for (const rowEnd of groupEnds(metadata)) {
      if (rowEnd <= row) continue
      const values = await parquetReadObjects({ file, metadata, compressors, rowStart: row, rowEnd })
      if (signal.aborted) return
      const start = row
      yield values.map((value, i) => ({ ...place(start + i), value: asJson(value) }))
      row = rowEnd
    }
  } catch (thrown) {
    if (signal.aborted) return
    if (isFileError(thrown)) throw thrown
    const detail = `the file is damaged or cut off: ${messageOf(thrown)}`
    yield [{ ...place(row), bad: { reason: 'damaged_parquet', detail, raw: new Uint8Array() } }]
  }
}

const groupEnds = ({ row_groups: groups }: FileMetaData): number[] => {
  let end = 0
  return groups.map(({ num_rows: rows }) => {
    end += Number(rows)
    return end
  })
}

/** Errors of the file system carry a number; they say nothing about what is in the file. */
const isFileError = (thrown: unknown): boolean => thrown instanceof Error && 'errno' in thrown

/**
 * A value as JSON has it, changed in place: integers as numbers where these are exact, else as texts; dates as ISO
 * texts; bytes as text, or as base64 where they are none.
 */
export const asJson = (value: unknown): unknown => {
  const root: Record<string, unknown> = { value }
  const open: Record<string, unknown>[] = [root]
  for (let holder = open.pop(); holder !== undefined; holder = open.pop()) {
    for (const [name, field] of Object.entries(holder)) {
      const plain = asScalar(field)
      if (plain !== field)
        Object.defineProperty(holder, name, { value: plain, enumerable: true, writable: true, configurable: true })
      if (typeof plain === 'object' && plain !== null) open.push(plain as Record<string, unknown>)
    }
  }
  return root.value
}

const asScalar = (value: unknown): unknown => {
  if (value === undefined) return null
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString()
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (value instanceof Uint8Array) return Buffer.from(value).toString(isUtf8(value) ? 'utf8' : 'base64')
  return ArrayBuffer.isView(value) && !(value instanceof DataView)
    ? Array.from(value as unknown as Iterable<unknown>)
    : value
}
