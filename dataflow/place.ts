import { unitAt } from '../core/unit-at.ts'
import type { RecordName, Records } from '../schemas/records.ts'
import type { Codec } from './codec.ts'
import { KalamError } from './error.ts'
import type { LogRecord } from './log.ts'

/** A decoded record at its place in its conversation. Without body it could not be decoded. */
export interface Placed<Body> {
  /** Conversation id. */
  id: string
  /** Offset of the conversation's first message in its `messages` partition. */
  ordinal: number
  /** Zero-based among the conversation's records in this topic. */
  index: number
  count: number
  offset: number
  timestamp: number
  bytes: number
  body: Body | undefined
  /** Why there is no body. */
  problem?: string
}

/** A record of a topic, decoded; undefined when its headers do not tell its place (a foreign record). */
export const placeRecord = <Name extends RecordName>(
  codec: Codec,
  name: Name,
  record: LogRecord,
): Placed<Records[Name]> | undefined => {
  const index = wholeNumber(record.headers.index)
  const count = wholeNumber(record.headers.count)
  // Messages are written before their offset is known: there the ordinal follows from the offset.
  const ordinal = name === 'Message' ? record.offset - index : wholeNumber(record.headers.ordinal)
  if (!(index < count) || !(ordinal >= 0) || record.key === '') return undefined
  const placed: Placed<Records[Name]> = {
    id: record.key,
    ordinal,
    index,
    count,
    offset: record.offset,
    timestamp: record.timestamp,
    bytes: record.value.length,
    body: undefined,
  }
  try {
    placed.body = (record.body as Records[Name] | undefined) ?? codec.decode(name, record.value)
  } catch (thrown) {
    if (!(thrown instanceof KalamError)) throw thrown
    placed.problem = thrown.message
  }
  return placed
}

/** Digits alone, 15 at most; three of them are read for every record, which a regular expression takes twice as long for. */
const wholeNumber = (text: string | undefined): number => {
  if (text === undefined || text.length === 0 || text.length > 15) return Number.NaN
  let number = 0
  for (let i = 0; i < text.length; i++) {
    const digit = unitAt(text, i) - 48
    if (digit < 0 || digit > 9) return Number.NaN
    number = number * 10 + digit
  }
  return number
}

/** Partition of a conversation: (murmur2 of the UTF-8 id, sign bit cleared) mod P, as Kafka's default partitioner has it. */
export const partitionOf = (id: string, partitions: number): number =>
  (murmur2(Buffer.from(id)) & 0x7fffffff) % partitions

const murmur2 = (bytes: Uint8Array): number => {
  const m = 0x5bd1e995
  let h = 0x9747b28c ^ bytes.length
  const whole = bytes.length & ~3
  for (let i = 0; i < whole; i += 4) {
    let k = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24)
    k = Math.imul(k, m)
    k ^= k >>> 24
    h = Math.imul(h, m) ^ Math.imul(k, m)
  }
  const left = bytes.length - whole
  if (left === 3) h ^= bytes[whole + 2]! << 16
  if (left >= 2) h ^= bytes[whole + 1]! << 8
  if (left >= 1) h = Math.imul(h ^ bytes[whole]!, m)
  h = Math.imul(h ^ (h >>> 13), m)
  return h ^ (h >>> 15)
}
