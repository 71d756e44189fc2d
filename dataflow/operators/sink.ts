import type { RecordName, Records } from '../../schemas/records.ts'
import type { LogRecord, OutputRecord } from '../log.ts'
import { type Placed, placeRecord } from '../place.ts'
import { defaultReadBytes, type Input, type OperatorContext } from './group-reader.ts'

/**
 * Batches of whole conversations → an idempotent write outside, then the position. A crash in between writes the batch
 * again, perhaps cut elsewhere, but never inside a conversation.
 */
export const sink = async <Name extends RecordName>(
  { task, codec, foreign, readBytes = defaultReadBytes }: OperatorContext,
  options: { input: Input<Name>; write(records: Placed<Records[Name]>[]): Promise<void> },
): Promise<void> => {
  const { topic, name } = options.input
  let rest: Placed<Records[Name]>[] = []
  let letters: OutputRecord[] = []
  /** Reads on and hands over what is whole. Its records are forgotten here: a write may wait for long, and needs them no more. */
  const handOver = async (): Promise<{ written?: Promise<void>; next: number } | undefined> => {
    const records: LogRecord[] = await task.read(topic, readBytes)
    const last = records.at(-1)
    if (!last) return undefined
    await codec.prepare(records)
    const batch = rest
    for (const record of records) {
      const placed = placeRecord(codec, name, record)
      if (placed) batch.push(placed)
      else letters.push(...asList(foreign(topic, record, task.partition)))
    }
    const whole = wholeLength(batch)
    rest = batch.slice(whole)
    const next = rest[0]?.offset ?? last.offset + 1
    // Nothing to write, yet a conversation has begun: its position stays before it.
    if (whole === 0 && rest.length > 0) return { next }
    return { written: options.write(batch.slice(0, whole)), next }
  }
  while (!task.signal.aborted) {
    const handed = await handOver()
    if (!handed) return
    if (!handed.written) continue
    await handed.written
    if (task.signal.aborted) return
    await task.commit(letters, { [topic]: handed.next })
    letters = []
  }
}

const asList = <Item>(item: Item | undefined): Item[] => (item === undefined ? [] : [item])

/** How many records at the front are of conversations that are there to their last record. */
const wholeLength = (batch: readonly Placed<unknown>[]): number => {
  const last = batch.at(-1)
  if (!last || last.index === last.count - 1) return batch.length
  let start = batch.length - 1
  while (start > 0 && batch[start]!.index > 0 && batch[start - 1]!.ordinal === last.ordinal) start--
  return start
}
