import type { RecordName, Records } from '../../schemas/records.ts'
import type { LogRecord, OutputRecord } from '../log.ts'
import { type Placed, placeRecord } from '../place.ts'
import { computeTurn } from './compute-turns.ts'
import { gate } from './gate.ts'
import { defaultReadBytes, type Input, type OperatorContext } from './group-reader.ts'
import { twoLoops } from './two-loops.ts'

/** What is to be written of a read: whole conversations. */
interface Batch<Prepared> {
  /** Undefined where a conversation has only begun. */
  prepared: Prepared | undefined
  letters: OutputRecord[]
  /** The position behind it. */
  next: number
  /** What it holds until it is written. */
  bytes: number
}

/**
 * Batches of whole conversations → an idempotent write outside, then the position. A crash in between writes the batch
 * again, perhaps cut elsewhere, but never inside a conversation. While a write goes on more is read and prepared, until
 * what was made of it is four times as much as a read of others brings: the records themselves are let go.
 */
export const sink = async <Name extends RecordName, Prepared>(
  context: OperatorContext,
  options: {
    input: Input<Name>
    prepare(records: Placed<Records[Name]>[]): Prepared
    /** Bytes of what waits to be written; as many as its records have, where nothing else is told. */
    sizeOf?(prepared: Prepared): number
    write(prepared: Prepared[]): Promise<void>
  },
): Promise<void> => {
  const { task, readBytes = defaultReadBytes } = context
  // Writes that are paced take what came in meanwhile at once: a reader that has to stop for them falls behind the log's tail.
  const half = Math.ceil(readBytes / 2)
  const mostHeld = 4 * readBytes
  const more = gate(task.signal)
  const room = gate(task.signal)
  const next = batchReader({ ...context, readBytes: half }, options)
  let waiting: Batch<Prepared>[] = []
  let held = 0
  let ended = false
  const loops = twoLoops(task.signal, () => {
    more.open()
    room.open()
  })
  const intake = async (): Promise<void> => {
    while (loops.goOn()) {
      if (held >= mostHeld) {
        await room.opened()
        continue
      }
      const batch = await next()
      if (!batch) break
      waiting.push(batch)
      held += batch.bytes
      more.open()
    }
    ended = true
    more.open()
  }
  const writes = async (): Promise<void> => {
    while (loops.goOn()) {
      if (!waiting.some(({ prepared }) => prepared !== undefined)) {
        // A conversation that is too large for a read alone: what has begun takes no room that its end needs.
        held = 0
        room.open()
        if (ended) return
        await more.opened()
        continue
      }
      const batches = waiting
      waiting = []
      held = 0
      room.open()
      await options.write(batches.flatMap(({ prepared }) => (prepared === undefined ? [] : [prepared])))
      if (task.signal.aborted) return
      await task.commit(
        batches.flatMap(({ letters }) => letters),
        { [options.input.topic]: batches.at(-1)!.next },
      )
    }
  }
  await loops.run(intake, writes)
}

/** Reads on and prepares what is whole; undefined when the task's signal is aborted. */
const batchReader = <Name extends RecordName, Prepared>(
  { task, codec, foreign, readBytes = defaultReadBytes }: OperatorContext,
  {
    input,
    prepare,
    sizeOf,
  }: {
    input: Input<Name>
    prepare(records: Placed<Records[Name]>[]): Prepared
    sizeOf?(prepared: Prepared): number
  },
) => {
  let rest: Placed<Records[Name]>[] = []
  return async (): Promise<Batch<Prepared> | undefined> => {
    const records: LogRecord[] = await task.read(input.topic, readBytes)
    const last = records.at(-1)
    if (!last) return undefined
    await codec.prepare(records)
    const turn = computeTurn({ feeds: false })
    if (turn) await turn
    const letters: OutputRecord[] = []
    let bytes = 0
    for (const record of records) {
      bytes += record.value.length
      const placed = placeRecord(codec, input.name, record)
      const letter = placed ? undefined : foreign(input.topic, record, task.partition)
      if (placed) rest.push(placed)
      else if (letter) letters.push(letter)
    }
    const whole = rest.slice(0, wholeLength(rest))
    rest = rest.slice(whole.length)
    const next = rest[0]?.offset ?? last.offset + 1
    // Nothing to write, yet a conversation has begun: its position stays before it.
    const isBegun = whole.length === 0 && rest.length > 0
    if (isBegun) return { prepared: undefined, letters, next, bytes }
    const prepared = prepare(whole)
    const sizeOfLetters = letters.reduce((sum, { value }) => sum + value.length, 0)
    return { prepared, letters, next, bytes: sizeOf ? sizeOf(prepared) + sizeOfLetters : bytes }
  }
}

/** How many records at the front are of conversations that are there to their last record. */
const wholeLength = (batch: readonly Placed<unknown>[]): number => {
  const last = batch.at(-1)
  if (!last || last.index === last.count - 1) return batch.length
  let start = batch.length - 1
  while (start > 0 && batch[start]!.index > 0 && batch[start - 1]!.ordinal === last.ordinal) start--
  return start
}
