import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { messageOf } from '../../dataflow/error.ts'
import type { SourceRow } from './source-reader.ts'

const newline = 0x0a
const batchRows = 256
const keptBytes = 64 * 1024

/** How one JSONL file is read. */
export interface JsonlOptions {
  path: string
  gzip: boolean
  /** Byte to start at; in a .gz file, of the uncompressed text. */
  from: number
  position: number
  line: number
  /** A longer line is not held in memory: it is a bad row. */
  maxLineBytes: number
  /** Whether an unfinished last line is left for later, as in a file that still grows. */
  follow: boolean
  signal: AbortSignal
}

/**
 * Rows of a JSONL file from a byte on. Bad rows say why: invalid_json, invalid_utf8, too_large, truncated_gzip.
 * Empty lines are no rows.
 */
export async function* jsonlRows(options: JsonlOptions): AsyncGenerator<SourceRow[]> {
  const lines = lineSplitter(options)
  let rows: SourceRow[] = []
  try {
    for await (const piece of bytesOf(options)) {
      if (options.signal.aborted) return
      for (const row of lines.push(piece as Buffer)) {
        rows.push(row)
        if (rows.length >= batchRows) {
          yield rows
          rows = []
        }
      }
    }
    if (!options.follow) rows.push(...lines.end())
  } catch (thrown) {
    if (options.signal.aborted) return
    if (!options.gzip) throw thrown
    rows.push(lines.broken('truncated_gzip', `the compressed data is damaged or cut off: ${messageOf(thrown)}`))
  }
  if (rows.length > 0) yield rows
}

const bytesOf = (options: JsonlOptions): AsyncIterable<Buffer> => {
  if (!options.gzip)
    return createReadStream(options.path, { start: options.from, highWaterMark: 1 << 20, signal: options.signal })
  const file = createReadStream(options.path, { highWaterMark: 1 << 18, signal: options.signal })
  const unzipped = file.pipe(createGunzip())
  file.on('error', (error) => unzipped.destroy(error))
  return skipBytes(unzipped, options.from)
}

async function* skipBytes(pieces: AsyncIterable<Buffer>, skip: number): AsyncGenerator<Buffer> {
  let left = skip
  for await (const piece of pieces) {
    if (left >= piece.length) {
      left -= piece.length
      continue
    }
    yield piece.subarray(left)
    left = 0
  }
}

const lineSplitter = (options: JsonlOptions) => {
  let pending: Buffer[] = []
  let pendingBytes = 0
  let start = options.from
  let position = options.position
  let line = options.line

  const hold = (piece: Buffer) => {
    // Of a line that is too long only its beginning is kept, for the record.
    if (pendingBytes < options.maxLineBytes) pending.push(Buffer.from(piece))
    pendingBytes += piece.length
  }
  const finish = (ending: number): SourceRow | undefined => {
    const bytes = Buffer.concat(pending)
    const length = pendingBytes
    const place = { position, line, byteStart: start, byteEnd: start + length, next: start + length + ending }
    pending = []
    pendingBytes = 0
    start = place.next
    line++
    const row = parseLine(bytes, length, options.maxLineBytes)
    if (!row) return undefined
    position++
    return { ...place, ...row }
  }
  return {
    *push(piece: Buffer): Generator<SourceRow> {
      let at = 0
      for (let end = piece.indexOf(newline); end >= 0; end = piece.indexOf(newline, at)) {
        hold(piece.subarray(at, end))
        at = end + 1
        const row = finish(1)
        if (row) yield row
      }
      if (at < piece.length) hold(piece.subarray(at))
    },
    *end(): Generator<SourceRow> {
      const row = pendingBytes > 0 ? finish(0) : undefined
      if (row) yield row
    },
    broken(reason: string, detail: string): SourceRow {
      const raw = Buffer.concat(pending).subarray(0, keptBytes)
      const end = start + pendingBytes
      return { position, line, byteStart: start, byteEnd: end, next: end, bad: { reason, detail, raw } }
    },
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })

const parseLine = (
  bytes: Buffer,
  length: number,
  maxBytes: number,
): { value: unknown; raw: Uint8Array } | { bad: { reason: string; detail: string; raw: Uint8Array } } | undefined => {
  const bad = (reason: string, detail: string) => ({ bad: { reason, detail, raw: bytes.subarray(0, keptBytes) } })
  if (length > maxBytes) return bad('too_large', `the line has ${length} bytes, at most ${maxBytes} are read`)
  let text: string
  try {
    text = decoder.decode(bytes)
  } catch {
    return bad('invalid_utf8', `byte ${invalidByte(bytes)} of the line is no UTF-8`)
  }
  if (text.trim() === '') return undefined
  try {
    return { value: JSON.parse(text), raw: bytes }
  } catch (thrown) {
    return bad('invalid_json', messageOf(thrown))
  }
}

/** Where bytes stop being UTF-8: the first place at which decoding and encoding gives other bytes. */
const invalidByte = (bytes: Buffer): number => {
  const again = Buffer.from(bytes.toString('utf8'))
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== again[i]) return i
  return bytes.length
}
