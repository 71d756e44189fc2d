import { unitAt } from '../../core/unit-at.ts'
import type { LogRecord, OutputRecord } from '../log.ts'

/** Some of the records that one commit appends to one partition, at consecutive offsets; written as one value. */
export interface Batch {
  topic: string
  partition: number
  records: OutputRecord[]
  /** Place of every record in the commit. */
  places: number[]
}

const batchBytes = 64 * 2 ** 10
const frameBytes = 20

/** Cuts a commit's outputs into batches, in order per partition, small enough that a bounded read stays cheap. */
export const batchesOf = (outputs: readonly OutputRecord[]): Batch[] => {
  const all: Batch[] = []
  const open = new Map<string, { batch: Batch; bytes: number }>()
  let last: { batch: Batch; bytes: number } | undefined
  outputs.forEach((record, place) => {
    const { topic, partition } = record
    // Nearly all go where the one before went.
    if (last?.batch.topic !== topic || last.batch.partition !== partition) last = open.get(`${partition} ${topic}`)
    if (!last || last.bytes >= batchBytes) {
      last = { batch: { topic, partition, records: [], places: [] }, bytes: 0 }
      open.set(`${partition} ${topic}`, last)
      all.push(last.batch)
    }
    last.batch.records.push(record)
    last.batch.places.push(place)
    last.bytes += record.value.length
  })
  return all
}

/** The batches of a commit as they are written. */
export interface EncodedBatches {
  values: Buffer[]
  /** To be called when they are written, and only then: their memory goes to other commits. */
  release(): void
}

/** Memory that commits share while they are under way. */
interface Slab {
  bytes: Buffer
  filled: number
  commits: number
}

const slabBytes = 2 ** 20

const newSlab = (bytes: number): Slab => ({ bytes: Buffer.allocUnsafeSlow(bytes), filled: 0, commits: 0 })

/**
 * Encodes batches into memory that is used again: new memory for each commit costs as much as filling it. A commit that is larger than
 * what is shared has memory of its own, which is not kept.
 */
export const batchEncoder = (): ((batches: readonly Batch[]) => EncodedBatches) => {
  const free: Slab[] = []
  let current = newSlab(slabBytes)
  const slabFor = (bytes: number): Slab => {
    if (bytes > slabBytes) return newSlab(bytes)
    if (current.filled + bytes > slabBytes) current = free.pop() ?? newSlab(slabBytes)
    return current
  }
  return (batches) => {
    const slab = slabFor(batches.reduce((sum, { records }) => sum + mostBytesOf(records), 0))
    const values = batches.map(({ records }) => {
      const start = slab.filled
      slab.filled = encodeBatch(records, slab.bytes, start)
      return slab.bytes.subarray(start, slab.filled)
    })
    slab.commits++
    return {
      values,
      release() {
        if (--slab.commits > 0) return
        slab.filled = 0
        if (slab !== current && slab.bytes.length === slabBytes) free.push(slab)
      },
    }
  }
}

const mostBytesOf = (records: readonly OutputRecord[]): number =>
  4 + records.reduce((sum, record) => sum + mostBytes(record), 0)

/** Writes one batch, per record its time, the lengths, then key, headers and value; returns where it ends. */
const encodeBatch = (records: readonly OutputRecord[], bytes: Buffer, start: number): number => {
  let at = bytes.writeUInt32LE(records.length, start)
  for (const { timestamp, key, headers, value } of records) {
    const keyEnd = writeText(bytes, at + frameBytes, key)
    const headersEnd = writeHeaders(bytes, keyEnd, headers)
    bytes.writeDoubleLE(timestamp, at)
    bytes.writeUInt32LE(keyEnd - at - frameBytes, at + 8)
    bytes.writeUInt32LE(headersEnd - keyEnd, at + 12)
    bytes.writeUInt32LE(value.length, at + 16)
    bytes.set(value, headersEnd)
    at = headersEnd + value.length
  }
  return at
}

/** A UTF-16 unit takes at most three bytes, also an escaped one. */
const mostBytes = ({ key, headers, value }: OutputRecord): number => {
  let units = key.length
  for (const name in headers) units += name.length + headers[name]!.length + 2
  return frameBytes + 3 * units + value.length
}

/** Which records of a batch to take: offsets from `from` to `to` (exclusive), until they reach `bytes`. */
export interface Wanted {
  from: number
  to: number
  bytes: number
}

/** The wanted records of a batch, whose values are views of its bytes, and their size; one at least if one is in range. */
export const decodeBatch = (bytes: Buffer, base: number, wanted: Wanted): { records: LogRecord[]; bytes: number } => {
  const count = Math.min(bytes.readUInt32LE(0), wanted.to - base)
  const records: LogRecord[] = []
  let taken = 0
  let at = 4
  for (let i = 0; i < count && (taken === 0 || taken < wanted.bytes); i++) {
    const keyEnd = at + frameBytes + bytes.readUInt32LE(at + 8)
    const headersEnd = keyEnd + bytes.readUInt32LE(at + 12)
    const valueEnd = headersEnd + bytes.readUInt32LE(at + 16)
    if (base + i >= wanted.from) {
      records.push({
        offset: base + i,
        key: bytes.toString('utf8', at + frameBytes, keyEnd),
        headers: splitHeaders(bytes.toString('utf8', keyEnd, headersEnd)),
        value: bytes.subarray(headersEnd, valueEnd),
        timestamp: bytes.readDoubleLE(at),
      })
      taken += valueEnd - at
    }
    at = valueEnd
  }
  return { records, bytes: taken }
}

// Names and values end with a zero character; inside them zero and one are written as one followed by '0' or '1'.
const writeHeaders = (bytes: Buffer, start: number, headers: Record<string, string>): number => {
  let at = start
  for (const name in headers) {
    at = writeText(bytes, at, name, escapeText)
    bytes[at++] = 0
    at = writeText(bytes, at, headers[name]!, escapeText)
    bytes[at++] = 0
  }
  return at
}

/** Writes a short text and returns its end. Nearly all are ASCII: a call of Buffer's for each would take several times as long. */
const writeText = (bytes: Buffer, at: number, text: string, escaped?: (text: string) => string): number => {
  const { length } = text
  for (let i = 0; i < length; i++) {
    const unit = unitAt(text, i)
    if (unit > 0x7f || (escaped && unit < 2)) return at + bytes.write(escaped ? escaped(text) : text, at)
    bytes[at + i] = unit
  }
  return at + length
}

const splitHeaders = (text: string): Record<string, string> => {
  const headers: Record<string, string> = {}
  const isPlain = !text.includes('\x01')
  for (let at = 0; at < text.length; ) {
    const nameEnd = text.indexOf('\0', at)
    const valueEnd = text.indexOf('\0', nameEnd + 1)
    if (nameEnd < 0 || valueEnd < 0) break
    const name = text.slice(at, nameEnd)
    const value = text.slice(nameEnd + 1, valueEnd)
    if (isPlain) headers[name] = value
    else headers[unescapeText(name)] = unescapeText(value)
    at = valueEnd + 1
  }
  return headers
}

const escapeText = (text: string): string => text.replace(/[\0\x01]/g, (c) => (c === '\0' ? '\x010' : '\x011'))

const unescapeText = (text: string): string =>
  text.includes('\x01') ? text.replace(/\x01([01])/g, (_, digit) => (digit === '0' ? '\0' : '\x01')) : text
