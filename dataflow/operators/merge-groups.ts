import type { RecordName, Records } from '../../schemas/records.ts'
import { KalamError } from '../error.ts'
import type { OutputRecord } from '../log.ts'
import { computeTurn } from './compute-turns.ts'
import { type Group, groupReader, type Input, isSkip, type OperatorContext } from './group-reader.ts'
import { placedOutputs } from './output.ts'
import { computeLimits, type Limits, runOrdered } from './run-ordered.ts'

/** The records of one conversation from each input; undefined where an input has none. */
export type Merged<Names extends readonly RecordName[]> = { [K in keyof Names]: Group<Records[Names[K]]> | undefined }

/**
 * The records of one conversation from K topics, in lockstep by ordinal → its records in the output topic.
 * KalamError out_of_step when inputs have different conversations at one ordinal.
 */
export const mergeGroups = async <const Names extends readonly RecordName[], Out extends RecordName>(
  context: OperatorContext,
  options: {
    inputs: { [K in keyof Names]: Input<Names[K]> }
    output: Input<Out>
    each(groups: Merged<Names>, id: string): Records[Out][] | Promise<Records[Out][]>
    limits?: Limits
  },
): Promise<void> => {
  const { task, codec } = context
  const inputs = options.inputs as readonly Input<RecordName>[]
  const readers = inputs.map((input) => groupReader(context, input))
  const heads: (Group<Records[RecordName]> | undefined)[] = inputs.map(() => undefined)
  const positions = { ...task.start }
  const to = { ...options.output, partition: task.partition }
  await runOrdered(task, options.limits ?? computeLimits, {
    ready: () => readers.every((reader, i) => heads[i] || reader.ready()),
    async next() {
      for (let i = 0; i < readers.length; i++) {
        if (heads[i]) continue
        const head = await readers[i]!.next()
        if (!head) return undefined
        if (isSkip(head)) {
          positions[inputs[i]!.topic] = head.skipTo
          return { outputs: head.outputs, positions: { ...positions }, bytes: 0 }
        }
        heads[i] = head
      }
      const turn = computeTurn()
      if (turn) await turn
      const lowest = heads.reduce((a, b) => (b!.ordinal < a!.ordinal ? b : a))!
      const groups = heads.map((head) => (head!.ordinal === lowest.ordinal ? head : undefined))
      let bytes = 0
      const foreign: OutputRecord[] = []
      groups.forEach((group, i) => {
        if (!group) return
        if (group.id !== lowest.id) throw differ(inputs, lowest, group)
        positions[inputs[i]!.topic] = group.next
        bytes += group.bytes
        foreign.push(...group.foreign)
        heads[i] = undefined
      })
      const from = { ...lowest, position: inputs.map((input) => positions[input.topic]!).join(',') }
      const bodies = options.each(groups as Merged<Names>, lowest.id)
      const finish = (made: Records[Out][]) => [...foreign, ...placedOutputs(codec, to, from, made)]
      return {
        outputs: bodies instanceof Promise ? bodies.then(finish) : finish(bodies),
        positions: { ...positions },
        bytes,
      }
    },
  })
}

const differ = (inputs: readonly Input<RecordName>[], a: Group<unknown>, b: Group<unknown>): KalamError =>
  new KalamError(
    'out_of_step',
    `merging ${inputs.map((i) => i.topic).join(', ')}: ordinal ${a.ordinal} is ${a.id} in one and ${b.id} in another`,
    {
      hint: 'One of these topics was built on other messages. Give the line a new name.',
    },
  )
