import type { LogRecord } from '../log.ts'
import type { Wanted } from './batch.ts'

/** About what a record takes beside its value. */
const recordBytes = 300

interface Partition {
  /** Offset of the first record. */
  first: number
  records: Committed[]
}

type Committed = Omit<LogRecord, 'offset'>

/** The newest records of all partitions as they were written: most readers follow close behind, and need no file for them. */
export interface Tail {
  /** Adds records that were committed at offsets from `base` on. */
  add(topic: number, partition: number, base: number, records: readonly Committed[]): void
  /** Wanted records, one at least if one is in range; undefined when the first of them is not held any more. */
  read(topic: number, partition: number, wanted: Wanted): LogRecord[] | undefined
}

/** Holds about so many bytes; the oldest records go first, whatever their partition. */
export const openTail = (mostBytes: number): Tail => {
  const partitions = new Map<string, Partition>()
  const added: { of: Partition; count: number; bytes: number }[] = []
  let held = 0
  const removeOld = () => {
    let oldest = 0
    for (; held > mostBytes && oldest < added.length; oldest++) {
      const { of, count, bytes } = added[oldest]!
      of.records.splice(0, count)
      of.first += count
      held -= bytes
    }
    added.splice(0, oldest)
  }
  return {
    add(topic, partition, base, records) {
      const name = `${topic} ${partition}`
      let of = partitions.get(name)
      // Only what follows without a gap can be found by its offset; what stood before goes on being counted until it would be oldest.
      if (!of || of.first + of.records.length !== base) {
        of = { first: base, records: [] }
        partitions.set(name, of)
      }
      let bytes = 0
      for (const record of records) {
        of.records.push(record)
        bytes += record.value.length + recordBytes
      }
      added.push({ of, count: records.length, bytes })
      held += bytes
      removeOld()
    },
    read(topic, partition, { from, to, bytes }) {
      const of = partitions.get(`${topic} ${partition}`)
      if (!of || from < of.first || from >= of.first + of.records.length) return undefined
      const found: LogRecord[] = []
      let taken = 0
      for (
        let at = from - of.first;
        at < of.records.length && of.first + at < to && (at === from - of.first || taken < bytes);
        at++
      ) {
        const { key, value, headers, timestamp, body } = of.records[at]!
        found.push({ offset: of.first + at, key, value, headers, timestamp, body })
        taken += value.length + recordBytes
      }
      return found
    },
  }
}
