import { isUtf8 } from 'node:buffer'
import { createReadStream } from 'node:fs'
import { messageOf } from '../../dataflow/error.ts'
import { utf8Text } from '../../dataflow/utf8-text.ts'
import { parseExact } from './exact-json.ts'
import { gunzipFile, isCutOff, isGzipDamage } from './gunzip-file.ts'
import { invalidUtf8 } from './invalid-utf8.ts'
import { type Line, lineSplitter } from './line-splitter.ts'
import { resumeLine } from './resume-line.ts'
import type { SourceRow } from './source-reader.ts'

const batchRows = 256
const batchBytes = 4 * 2 ** 20
const rawBytes = 64 * 1024

/** How one JSONL file is read. */
export interface JsonlOptions {
  path: string
  gzip: boolean
  /** Byte to start at; in a .gz file, of the uncompressed text. */
  from: number
  line: number
  /** A longer line is not held in memory: it is a bad row. */
  maxLineBytes: number
  /** Whether the file may grow: a last line without an ending is left for later, unless it is a whole JSON object. */
  follow: boolean
  signal: AbortSignal
}

/**
 * Rows of a JSONL file from a byte on. Bad rows say why: invalid_json, invalid_utf8, too_large, and truncated_gzip, with
 * which reading ends. Byte positions leave out line endings; empty lines are no rows.
 */
export async function* jsonlRows(options: JsonlOptions): AsyncGenerator<SourceRow[]> {
  let rows: SourceRow[] = []
  let bytes = 0
  try {
    for await (const row of readRows(options)) {
      rows.push(row)
      bytes += row.byteEnd - row.byteStart
      if (rows.length < batchRows && bytes < batchBytes) continue
      yield rows
      rows = []
      bytes = 0
    }
  } catch (thrown) {
    if (!options.signal.aborted) throw thrown
    return
  }
  if (rows.length > 0 && !options.signal.aborted) yield rows
}

async function* readRows(options: JsonlOptions): AsyncGenerator<SourceRow> {
  const { path, gzip, from, line, maxLineBytes, follow, signal } = options
  const start = gzip ? { byte: from, line } : await resumeLine(path, { byte: from, line })
  const pieces = gzip
    ? gunzipFile(path, signal)
    : createReadStream(path, { start: start.byte, highWaterMark: 256 * 2 ** 10, signal })
  const lines = lineSplitter(start, maxLineBytes)
  let skip = gzip ? from : 0
  try {
    for await (const piece of pieces as AsyncIterable<Buffer>) {
      const fresh = piece.subarray(skip)
      skip = Math.max(0, skip - piece.length)
      for (const line of lines.push(fresh)) yield* rowOf(line, maxLineBytes)
    }
  } catch (thrown) {
    if (!gzip || !isGzipDamage(thrown)) throw thrown
    // The damage was reported before: its row ends behind all that can be read.
    if (skip > 0 || (follow && isCutOff(thrown))) return
    yield damageRow(lines.rest(), thrown)
    return
  }
  const rest = lines.rest()
  if (rest.length === 0) return
  for (const row of rowOf(rest, maxLineBytes)) if (!follow || isClosed(row)) yield row
}

/** Whether a row cannot be the beginning of a longer one. */
const isClosed = (row: SourceRow): boolean => 'value' in row && typeof row.value === 'object' && row.value !== null

const damageRow = ({ bytes, line, byteStart, byteEnd }: Line, { message }: Error): SourceRow => {
  const detail = `the compressed data is damaged or cut off behind byte ${byteEnd} of the text: ${message}`
  const bad = { reason: 'truncated_gzip', detail, raw: bytes.subarray(0, rawBytes) }
  return { line, byteStart, byteEnd, next: byteEnd + 1, bad }
}

/** Some programs begin a file with it. */
const byteOrderMark = '\ufeff'

function* rowOf(source: Line, maxBytes: number): Generator<SourceRow> {
  const { bytes, length, line, byteStart, byteEnd, next } = source
  const place = { line, byteStart, byteEnd, next }
  const bad = (reason: string, detail: string) => ({
    ...place,
    bad: { reason, detail, raw: bytes.subarray(0, rawBytes) },
  })
  if (length > maxBytes) return yield bad('too_large', `the line has ${length} bytes, at most ${maxBytes} are read`)
  if (!isUtf8(bytes)) {
    const at = invalidUtf8(bytes)
    const byte = bytes[at]?.toString(16).padStart(2, '0')
    return yield bad('invalid_utf8', `byte ${at} of the line, 0x${byte}, is no UTF-8`)
  }
  const decoded = utf8Text(bytes, 0, bytes.length)
  const text = decoded.startsWith(byteOrderMark) ? decoded.slice(1) : decoded
  if (text.trim() === '') return
  let value: unknown
  try {
    value = parseExact(text)
  } catch (thrown) {
    return yield bad('invalid_json', messageOf(thrown))
  }
  yield { ...place, value, raw: bytes }
}
