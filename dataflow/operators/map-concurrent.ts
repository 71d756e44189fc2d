import type { RecordName, Records } from '../../schemas/records.ts'
import type { Placed } from '../place.ts'
import { type Input, isSkip, type OperatorContext, type Read, recordReader } from './group-reader.ts'
import type { Unit } from './ordered-window.ts'
import { placedOutput } from './output.ts'
import { type Limits, runOrdered } from './run-ordered.ts'

/** What becomes of one record; `count: 1` makes it the only one of its conversation, undefined leaves it out. */
export type Mapped<Body> = { body: Body; count?: 1 } | undefined

/** One record → a promise of one record; a bounded window runs at once, outputs leave in input order. */
export const mapConcurrent = async <In extends RecordName, Out extends RecordName>(
  context: OperatorContext,
  options: {
    input: Input<In>
    output: Input<Out>
    each(record: Placed<Records[In]>): Mapped<Records[Out]> | Promise<Mapped<Records[Out]>>
    /** What the next record waits for before it is taken in: until then nothing is held for it. Rejects at once with the task's signal. */
    turn?: (() => Promise<void> | undefined) | undefined
    limits: Limits
  },
): Promise<void> => {
  const { task, codec } = context
  const reader = recordReader(context, options.input)
  const to = { ...options.output, partition: task.partition }
  const unitOf = (record: Read<Records[In]>): Unit | undefined => {
    if (!record) return undefined
    if (isSkip(record))
      return { outputs: record.outputs, positions: { [options.input.topic]: record.skipTo }, bytes: 0 }
    const next = record.offset + 1
    const { id, ordinal, timestamp, index, count } = record
    const from = { id, ordinal, timestamp, position: String(next) }
    const finish = (mapped: Mapped<Records[Out]>) =>
      mapped ? [placedOutput(codec, to, from, mapped.body, index, mapped.count ?? count)] : []
    const mapped = options.each(record)
    return {
      outputs: mapped instanceof Promise ? mapped.then(finish) : finish(mapped),
      positions: { [options.input.topic]: next },
      bytes: record.bytes,
    }
  }
  const next = () => {
    const read = reader.next()
    return read instanceof Promise ? read.then(unitOf) : unitOf(read)
  }
  const stopped = (thrown: unknown) => {
    if (task.signal.aborted) return undefined
    throw thrown
  }
  await runOrdered(task, options.limits, {
    ready: reader.ready,
    next() {
      const turn = options.turn?.()
      return turn ? turn.then(next, stopped) : next()
    },
  })
}
