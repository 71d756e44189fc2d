import type { RecordName, Records } from '../../schemas/records.ts'
import type { LogRecord } from '../log.ts'
import { type Placed, placeRecord } from '../place.ts'
import { defaultReadBytes, type Input, type OperatorContext } from './group-reader.ts'

/** Batches → an idempotent write outside, then the position. A crash in between writes the batch again. */
export const sink = async <Name extends RecordName>(
  { task, codec, foreign, readBytes = defaultReadBytes }: OperatorContext,
  options: { input: Input<Name>; write(records: Placed<Records[Name]>[]): Promise<void> },
): Promise<void> => {
  while (!task.signal.aborted) {
    const records: LogRecord[] = await task.read(options.input.topic, readBytes)
    const last = records.at(-1)
    if (!last) return
    await codec.prepare(records)
    const batch: Placed<Records[Name]>[] = []
    for (const record of records) {
      const placed = placeRecord(codec, options.input.name, record)
      if (placed) batch.push(placed)
      else await foreign(options.input.topic, record, task.partition)
    }
    await options.write(batch)
    if (!task.signal.aborted) await task.commit([], { [options.input.topic]: last.offset + 1 })
  }
}
