import type { RecordName, Records } from '../../schemas/records.ts'
import { KalamError } from '../error.ts'
import type { OutputRecord } from '../log.ts'
import { computeTurn } from './compute-turns.ts'
import { type Group, groupReader, type Input, isSkip, type OperatorContext, type Skip } from './group-reader.ts'
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
  const firstOf = firstReadOf(readers)
  const positions = { ...task.start }
  const to = { ...options.output, partition: task.partition }
  await runOrdered(task, options.limits ?? computeLimits, {
    ready: () => readers.every((reader, i) => heads[i] || reader.ready()),
    async next() {
      while (heads.includes(undefined)) {
        const { i, read } = await firstOf(heads)
        if (!read) return undefined
        if (isSkip(read)) {
          positions[inputs[i]!.topic] = read.skipTo
          return { outputs: read.outputs, positions: { ...positions }, bytes: 0 }
        }
        heads[i] = read
      }
      const turn = computeTurn({ feeds: false })
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
      const { id, ordinal, timestamp } = lowest
      const position = inputs.map((input) => positions[input.topic]!).join(',')
      const from = { id, ordinal, timestamp, position }
      const bodies = options.each(groups as Merged<Names>, id)
      const finish = (made: Records[Out][]) => [...foreign, ...placedOutputs(codec, to, from, made)]
      return {
        outputs: bodies instanceof Promise ? bodies.then(finish) : finish(bodies),
        positions: { ...positions },
        bytes,
      }
    },
  })
}

interface HeadRead {
  i: number
  read: Group<Records[RecordName]> | Skip | undefined
}

/**
 * Reads an input that has no head yet: one that has records, or else the first that gets some. Waiting for one input alone would leave
 * what cannot be decoded in another before its position, for as long as that one is silent.
 */
const firstReadOf = (readers: ReturnType<typeof groupReader>[]) => {
  const waiting: (Promise<HeadRead> | undefined)[] = []
  return async (heads: readonly unknown[]): Promise<HeadRead> => {
    for (const [i, reader] of readers.entries())
      if (!heads[i] && !waiting[i] && reader.ready()) return { i, read: await reader.next() }
    const open = readers.flatMap((reader, i) => {
      if (heads[i]) return []
      waiting[i] ??= reader.next().then((read) => ({ i, read }))
      return waiting[i]
    })
    const first = await Promise.race(open)
    waiting[first.i] = undefined
    return first
  }
}

const differ = (inputs: readonly Input<RecordName>[], a: Group<unknown>, b: Group<unknown>): KalamError =>
  new KalamError(
    'out_of_step',
    `merging ${inputs.map((i) => i.topic).join(', ')}: ordinal ${a.ordinal} is ${a.id} in one and ${b.id} in another`,
    {
      hint: 'One of these topics was built on other messages. Give the line a new name.',
    },
  )
