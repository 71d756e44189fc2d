import { createReadStream } from 'node:fs'
import { messageOf } from '../../dataflow/error.ts'
import { gunzipFile, isCutOff, isGzipDamage, skipBytes } from './gunzip-file.ts'
import { invalidUtf8 } from './invalid-utf8.ts'
import { type Line, lineSplitter } from './line-splitter.ts'
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
  /** Whether an unfinished last line is left for later, as in a file that still grows. */
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
  const lines = lineSplitter({ byte: options.from, line: options.line }, options.maxLineBytes)
  try {
    for await (const piece of bytesOf(options)) {
      for (const line of lines.push(piece)) yield* rowOf(line, options.maxLineBytes)
    }
  } catch (thrown) {
    if (!options.gzip || !isGzipDamage(thrown)) throw thrown
    if (options.follow && isCutOff(thrown)) return
    const { bytes, line, byteStart, byteEnd, next } = lines.rest()
    const detail = `the compressed data is damaged or cut off behind byte ${byteEnd} of the text: ${messageOf(thrown)}`
    yield {
      line,
      byteStart,
      byteEnd,
      next,
      bad: { reason: 'truncated_gzip', detail, raw: bytes.subarray(0, rawBytes) },
    }
    return
  }
  const rest = lines.rest()
  if (!options.follow && rest.length > 0) yield* rowOf(rest, options.maxLineBytes)
}

const bytesOf = ({ path, gzip, from, signal }: JsonlOptions): AsyncIterable<Buffer> =>
  gzip
    ? skipBytes(gunzipFile(path, signal), from)
    : createReadStream(path, { start: from, highWaterMark: 2 ** 20, signal })

const decoder = new TextDecoder('utf-8', { fatal: true })

function* rowOf(source: Line, maxBytes: number): Generator<SourceRow> {
  const { bytes, length, line, byteStart, byteEnd, next } = source
  const place = { line, byteStart, byteEnd, next }
  const bad = (reason: string, detail: string) => ({
    ...place,
    bad: { reason, detail, raw: bytes.subarray(0, rawBytes) },
  })
  if (length > maxBytes) return yield bad('too_large', `the line has ${length} bytes, at most ${maxBytes} are read`)
  let text: string
  try {
    text = decoder.decode(bytes)
  } catch {
    const at = invalidUtf8(bytes)
    const byte = bytes[at]?.toString(16).padStart(2, '0')
    return yield bad('invalid_utf8', `byte ${at} of the line, 0x${byte}, is no UTF-8`)
  }
  if (text.trim() === '') return
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (thrown) {
    return yield bad('invalid_json', messageOf(thrown))
  }
  yield { ...place, value, raw: bytes }
}
