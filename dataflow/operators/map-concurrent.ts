import type { RecordName, Records } from '../../schemas/records.ts'
import type { Placed } from '../place.ts'
import { type Input, isSkip, type OperatorContext, recordReader } from './group-reader.ts'
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
    limits: Limits
  },
): Promise<void> => {
  const { task, codec } = context
  const reader = recordReader(context, options.input)
  const to = { ...options.output, partition: task.partition }
  await runOrdered(task, options.limits, {
    ready: reader.ready,
    async next() {
      const record = await reader.next()
      if (!record) return undefined
      if (isSkip(record)) return { outputs: [], positions: { [options.input.topic]: record.skipTo }, bytes: 0 }
      const next = record.offset + 1
      const finish = (mapped: Mapped<Records[Out]>) =>
        mapped
          ? [
              placedOutput(
                codec,
                to,
                { ...record, position: String(next) },
                mapped.body,
                record.index,
                mapped.count ?? record.count,
              ),
            ]
          : []
      const mapped = options.each(record)
      return {
        outputs: mapped instanceof Promise ? mapped.then(finish) : finish(mapped),
        positions: { [options.input.topic]: next },
        bytes: record.bytes,
      }
    },
  })
}
