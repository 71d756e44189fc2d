import { isUtf8 } from 'node:buffer'
import { asyncBufferFromFile, type FileMetaData, parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { messageOf } from '../../dataflow/error.ts'
import { invalidUtf8 } from './invalid-utf8.ts'
import type { SourceRow } from './source-reader.ts'

/**
 * Rows of a Parquet file from a row on, a row group at a time; byteStart and byteEnd count rows. Every row of a damaged
 * group is a bad row damaged_parquet and the groups behind it are read; a file without a sound footer, as one that is
 * cut off, is one bad row.
 */
export async function* parquetRows(options: {
  path: string
  from: number
  /** Whether a file without a sound footer is left for later, as one that is still being written. */
  follow: boolean
  signal: AbortSignal
}): AsyncGenerator<SourceRow[]> {
  const { path, from, follow, signal } = options
  const file = await asyncBufferFromFile(path)
  const metadata = await orDamage(parquetMetadataAsync(file))
  if (metadata instanceof Error) {
    const detail = `the file is no Parquet, damaged or cut off, and none of its rows can be read: ${messageOf(metadata)}`
    if (from === 0 && !follow) yield [badRow(0, 'damaged_parquet', detail)]
    return
  }
  let row = from
  for (const rowEnd of groupEnds(metadata)) {
    if (rowEnd <= row) continue
    const range = { rowStart: row, rowEnd }
    const values = await orDamage(parquetReadObjects({ file, metadata, compressors, parsers, utf8: false, ...range }))
    if (signal.aborted) return
    const start = row
    if (values instanceof Error) {
      const detail = `rows ${start + 1} to ${rowEnd} of the file are damaged: ${messageOf(values)}`
      yield Array.from({ length: rowEnd - start }, (_, i) => badRow(start + i, 'damaged_parquet', detail))
    } else yield values.map((value, i) => soundRow(start + i, value))
    row = rowEnd
  }
}

/** Rows that a file's footer tells of; 0 for a file without a sound one. */
export const parquetRowCount = async (path: string): Promise<number> => {
  const metadata = await orDamage(parquetMetadataAsync(await asyncBufferFromFile(path)))
  return metadata instanceof Error ? 0 : Number(metadata.num_rows)
}

const place = (row: number) => ({ line: row + 1, byteStart: row, byteEnd: row + 1, next: row + 1 })

const badRow = (row: number, reason: string, detail: string): SourceRow => ({
  ...place(row),
  bad: { reason, detail, raw: new Uint8Array() },
})

const soundRow = (row: number, columns: unknown): SourceRow => {
  const wrong: Error[] = []
  const value = asJson(columns, wrong)
  return wrong[0] ? badRow(row, 'invalid_utf8', wrong[0].message) : { ...place(row), value }
}

/** Stands in a row for a text that is no UTF-8. */
class InvalidText extends Error {}

const asText = (bytes: Uint8Array): string | InvalidText => {
  const at = isUtf8(bytes) ? -1 : invalidUtf8(bytes)
  if (at < 0) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
  return new InvalidText(`byte ${at} of a text, 0x${bytes[at]?.toString(16).padStart(2, '0')}, is no UTF-8`)
}

/** Unlike hyparquet's own these keep every byte of a text, and JSON that is none as the text it is. */
const parsers = {
  stringFromBytes: (bytes: Uint8Array | undefined) => bytes && asText(bytes),
  jsonFromBytes(bytes: Uint8Array | undefined) {
    const text = bytes && asText(bytes)
    try {
      return typeof text === 'string' ? JSON.parse(text) : text
    } catch {
      return text
    }
  },
}

/** The error that says what is wrong inside the file; errors of the file system, which carry a number, are thrown. */
const orDamage = async <T>(reading: Promise<T>): Promise<T | Error> => {
  try {
    return await reading
  } catch (thrown) {
    if (thrown instanceof Error && 'errno' in thrown) throw thrown
    return thrown instanceof Error ? thrown : new Error(messageOf(thrown))
  }
}

const groupEnds = ({ row_groups: groups }: FileMetaData): number[] => {
  let end = 0
  return groups.map(({ num_rows: rows }) => {
    end += Number(rows)
    return end
  })
}

/**
 * A value as JSON has it, changed in place: integers as numbers where these are exact, else as texts; dates as ISO
 * texts; bytes as text, or as base64 where they are none. Texts that are no UTF-8 are added to `wrong`.
 */
export const asJson = (value: unknown, wrong: Error[] = []): unknown => {
  const root: Record<string, unknown> = { value }
  const open: Record<string, unknown>[] = [root]
  for (let holder = open.pop(); holder !== undefined; holder = open.pop()) {
    for (const [name, field] of Object.entries(holder)) {
      const plain = asScalar(field)
      if (plain !== field)
        Object.defineProperty(holder, name, { value: plain, enumerable: true, writable: true, configurable: true })
      if (plain instanceof InvalidText) wrong.push(plain)
      else if (typeof plain === 'object' && plain !== null) open.push(plain as Record<string, unknown>)
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
