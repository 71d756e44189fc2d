import { lastRecord } from '../../dataflow/last-record.ts'
import type { Log, Task } from '../../dataflow/log.ts'
import { orAborted } from './abortable.ts'
import { behindLive } from './behind-live.ts'
import type { Skipping } from './map-chunk.ts'

/** What a translate generation minds besides its settings. */
export interface TranslateTurn {
  /** Whether the line pauses and the ranking goes on without it. */
  isSkipping: boolean
  /** The place, in ordinals, that it must not read past in a partition; undefined = none. */
  bound(partition: number): Promise<number | undefined>
}

/** A translate generation's task with its bound, and the last record that its output has. */
export const translateTask = async (
  log: Log,
  task: Task,
  output: string,
  { bound }: TranslateTurn,
): Promise<{ bounded: Task; last: Skipping['last'] }> => {
  // It waits where a transaction is open; whoever is told to stop does not.
  const record = await orAborted(lastRecord(log, output, task.partition), task.signal)
  return {
    bounded: behindLive(task, () => bound(task.partition)),
    last: record && { ordinal: Number(record.headers.ordinal), count: Number(record.headers.count) },
  }
}
