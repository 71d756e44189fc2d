import type { RecordName, Records } from '../../schemas/records.ts'
import type { Codec } from '../codec.ts'
import { KalamError } from '../error.ts'
import type { LogRecord, OutputRecord, Task } from '../log.ts'
import { type Placed, placeRecord } from '../place.ts'

/** All records of one conversation in one topic. */
export interface Group<Body> {
  id: string
  ordinal: number
  timestamp: number
  records: Placed<Body>[]
  /** Offset behind its last record. */
  next: number
  /** What is written for records without a place that stood between its own. */
  foreign: OutputRecord[]
  bytes: number
}

/** A topic and the type of its records. */
export interface Input<Name extends RecordName> {
  topic: string
  name: Name
}

/** What operators need besides their task. */
export interface OperatorContext {
  task: Task
  codec: Codec
  /** What is written for a record whose headers do not tell its place; the record itself is skipped. */
  foreign(topic: string, record: LogRecord, partition: number): OutputRecord | undefined
  /** About how many bytes one read of an input brings, 1 MiB by default. */
  readBytes?: number
}

/** A record without a place was passed over; the position may move behind it. */
export interface Skip {
  skipTo: number
  outputs: OutputRecord[]
}

/** Whether a reader passed over a record instead of giving one. */
export const isSkip = (read: object): read is Skip => 'skipTo' in read

/** What one read brings where the context does not say. */
export const defaultReadBytes = 2 ** 20

/** What a reader gives: a record, that it passed one over, or undefined when the task's signal is aborted. */
export type Read<Body> = Placed<Body> | Skip | undefined

/** Placed records of one topic, one by one; at once while the last read still has some, since a promise each would cost more. */
export const recordReader = <Name extends RecordName>(
  { task, codec, foreign, readBytes = defaultReadBytes }: OperatorContext,
  input: Input<Name>,
) => {
  let records: LogRecord[] = []
  let at = 0
  const passOver = (record: LogRecord): Skip => {
    const output = foreign(input.topic, record, task.partition)
    return { skipTo: record.offset + 1, outputs: output ? [output] : [] }
  }
  const take = (): Placed<Records[Name]> | Skip => {
    const record = records[at++]!
    return placeRecord(codec, input.name, record) ?? passOver(record)
  }
  const readOn = async (): Promise<Read<Records[Name]>> => {
    records = await task.read(input.topic, readBytes)
    at = 0
    if (records.length === 0) return undefined
    await codec.prepare(records)
    return take()
  }
  return {
    ready: () => at < records.length || task.hasMore(input.topic),
    next: (): Read<Records[Name]> | Promise<Read<Records[Name]>> => (at < records.length ? take() : readOn()),
  }
}

/**
 * Conversations of one topic, one by one, complete by their count and in rising order of their ordinals.
 * KalamError out_of_step when records do not fit together.
 */
export const groupReader = <Name extends RecordName>(context: OperatorContext, input: Input<Name>) => {
  const reader = recordReader(context, input)
  let before = -1
  return {
    ready: reader.ready,
    async next(): Promise<Group<Records[Name]> | Skip | undefined> {
      const first = await reader.next()
      if (!first || isSkip(first)) return first
      const { id, ordinal, timestamp, count } = first
      const group: Group<Records[Name]> = {
        id,
        ordinal,
        timestamp,
        records: [first],
        next: first.offset + 1,
        foreign: [],
        bytes: first.bytes,
      }
      if (first.index !== 0) throw outOfStep(input.topic, first, `index ${first.index} without those before it`)
      if (ordinal <= before) throw outOfStep(input.topic, first, `the conversation before it has ordinal ${before}`)
      before = ordinal
      while (group.records.length < count) {
        const read = reader.next()
        const record = read instanceof Promise ? await read : read
        if (!record) return undefined
        if (isSkip(record)) {
          group.foreign.push(...record.outputs)
          continue
        }
        if (record.id !== id || record.ordinal !== ordinal || record.index !== group.records.length) {
          throw outOfStep(
            input.topic,
            record,
            `expected ${id}, ordinal ${ordinal}, index ${group.records.length} of ${count}`,
          )
        }
        group.records.push(record)
        group.next = record.offset + 1
        group.bytes += record.bytes
      }
      return group
    },
  }
}

const outOfStep = (topic: string, found: Placed<unknown>, expected: string): KalamError =>
  new KalamError(
    'out_of_step',
    `reading ${topic}, offset ${found.offset}: found ${found.id}, ordinal ${found.ordinal}, index ${found.index}; ${expected}`,
    {
      hint: 'The topic does not hold what its stage writes. kalam verify shows where it begins.',
    },
  )
