import type { Codec } from '../dataflow/codec.ts'
import { KalamError, messageOf } from '../dataflow/error.ts'
import type { Log, LogRecord } from '../dataflow/log.ts'
import { partitionOf } from '../dataflow/place.ts'
import type { DeadLetter } from '../schemas/records.ts'

/** A dead letter and where it stands. */
export interface FoundDeadLetter {
  /** `<source>/<split>/<row>` of a bad row, `<topic>/<partition>/<offset>` of a record that was passed over. */
  id: string
  /** Of the dead letter itself. */
  partition: number
  offset: number
  /** When it was written, milliseconds since 1970. */
  atMs: number
  letter: DeadLetter
}

/** What is looked for among dead letters. */
export interface DeadLetterQuery {
  /** Only those with this reason. */
  reason?: string
  /** The most that are kept, the newest ones. */
  limit: number
}

/** The dead letters of a topic. */
export interface DeadLetterList {
  /** Without their bodies, the newest first. */
  found: FoundDeadLetter[]
  /** How many there are of each reason, before any limit, the most frequent first. */
  reasons: { reason: string; count: number }[]
}

type Reading = { log: Log; codec: Codec; topic: string }

/** Reads all dead letters once, and keeps only as many as asked for. */
export const listDeadLetters = async (from: Reading, { reason, limit }: DeadLetterQuery): Promise<DeadLetterList> => {
  const counts = new Map<string, number>()
  let found: FoundDeadLetter[] = []
  const newest = () => {
    found = found.sort((a, b) => b.atMs - a.atMs || a.partition - b.partition || b.offset - a.offset).slice(0, limit)
  }
  for await (const one of deadLetters(from)) {
    if (reason !== undefined && one.letter.reason !== reason) continue
    counts.set(one.letter.reason, (counts.get(one.letter.reason) ?? 0) + 1)
    found.push({ ...one, letter: { ...one.letter, body: Buffer.alloc(0) } })
    if (found.length >= limit * 2 + 1000) newest()
  }
  newest()
  const reasons = [...counts].map(([name, count]) => ({ reason: name, count })).sort((a, b) => b.count - a.count)
  return { found, reasons }
}

/** The dead letters of a row or a record, oldest first; the id may also be the place of the dead letter itself. */
export const findDeadLetters = async (from: Reading, id: string): Promise<FoundDeadLetter[]> => {
  const place = /^(.+)\/(\d+)\/(\d+)$/.exec(id)
  const own = place?.[1] === from.topic ? { partition: Number(place[2]), offset: Number(place[3]) } : undefined
  const found: FoundDeadLetter[] = []
  const partitions = (await from.log.ends(from.topic)).length
  // A row's stands in the partition of its id, a record's in that of its own.
  const among = new Set(own ? [own.partition] : [partitionOf(id, partitions), Number(place?.[2] ?? 0)])
  for (const partition of among) {
    if (partition >= partitions) continue
    const only = ({ key, offset }: LogRecord) => (own ? offset === own.offset : key === id)
    for await (const one of lettersOf(from, partition, only)) found.push(one)
  }
  return found
}

async function* deadLetters(from: Reading): AsyncGenerator<FoundDeadLetter> {
  const partitions = (await from.log.ends(from.topic)).length
  for (let partition = 0; partition < partitions; partition++) yield* lettersOf(from, partition, () => true)
}

async function* lettersOf(
  { log, codec, topic }: Reading,
  partition: number,
  wanted: (record: LogRecord) => boolean,
): AsyncGenerator<FoundDeadLetter> {
  for await (const records of log.scan(topic, partition, 0)) {
    const some = records.filter(wanted)
    await codec.prepare(some)
    for (const { key, offset, timestamp, value } of some)
      yield { id: key, partition, offset, atMs: timestamp, letter: decoded(codec, value) }
  }
}

/** A dead letter that cannot be decoded is shown as one, not lost. */
const decoded = (codec: Codec, value: Uint8Array): DeadLetter => {
  try {
    return codec.decode('DeadLetter', value)
  } catch (thrown) {
    if (!(thrown instanceof KalamError)) throw thrown
    const empty = { source: '', split: '', row: '', file: '', line: 0, byte_start: 0, byte_end: value.length }
    const detail = messageOf(thrown)
    return { ...empty, stage: 'read', reason: 'undecodable', detail, verdict: 'bad', body: Buffer.from(value) }
  }
}
