import type { RecordName, Records } from '../../schemas/records.ts'
import { computeTurn } from './compute-turns.ts'
import { type Group, groupReader, type Input, isSkip, type OperatorContext } from './group-reader.ts'
import { placedOutputs } from './output.ts'
import { computeLimits, type Limits, runOrdered } from './run-ordered.ts'

/** All records of one conversation → its records in the output topic, at least one. */
export const flatMapGroups = async <In extends RecordName, Out extends RecordName>(
  context: OperatorContext,
  options: {
    input: Input<In>
    output: Input<Out>
    each(group: Group<Records[In]>): Records[Out][] | Promise<Records[Out][]>
    limits?: Limits
  },
): Promise<void> => {
  const { task, codec } = context
  const reader = groupReader(context, options.input)
  const to = { ...options.output, partition: task.partition }
  await runOrdered(task, options.limits ?? computeLimits, {
    ready: reader.ready,
    async next() {
      const group = await reader.next()
      if (!group) return undefined
      if (isSkip(group)) return { outputs: group.outputs, positions: { [options.input.topic]: group.skipTo }, bytes: 0 }
      const turn = computeTurn({ feeds: true })
      if (turn) await turn
      const { id, ordinal, timestamp } = group
      const from = { id, ordinal, timestamp, position: String(group.next) }
      const bodies = options.each(group)
      const finish = (made: Records[Out][]) => [...group.foreign, ...placedOutputs(codec, to, from, made)]
      return {
        outputs: bodies instanceof Promise ? bodies.then(finish) : finish(bodies),
        positions: { [options.input.topic]: group.next },
        bytes: group.bytes,
      }
    },
  })
}
