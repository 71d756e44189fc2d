import type { RecordName, Records } from '../schemas/records.ts'
import type { Codec } from './codec.ts'
import { KalamError } from './error.ts'
import type { Log, LogRecord, Task } from './log.ts'
import { type Group, groupReader, type Input, isSkip } from './operators/group-reader.ts'
import type { Merged } from './operators/merge-groups.ts'

/**
 * The conversations of one partition over several topics, in lockstep by ordinal, up to the ends at the time of the call.
 * A conversation whose records are not all there yet is left out, and so is everything behind it in that topic.
 * Give inputs from upstream to downstream: then none is seen further than the ones it was made of.
 */
export async function* scanMerged<const Names extends readonly RecordName[]>(
  log: Log,
  codec: Codec,
  inputs: { [K in keyof Names]: Input<Names[K]> },
  partition: number,
): AsyncGenerator<{ id: string; ordinal: number; groups: Merged<Names> }> {
  const list = inputs as readonly Input<RecordName>[]
  const ends: number[] = []
  for (let i = list.length - 1; i >= 0; i--) ends[i] = (await log.ends(list[i]!.topic))[partition]!
  const readers = list.map((input, i) => boundedReader(log, codec, input, partition, ends[i]!))
  try {
    const heads: (Group<Records[RecordName]> | undefined)[] = await Promise.all(readers.map((reader) => reader.next()))
    for (;;) {
      const ordinals = heads.flatMap((head) => (head ? [head.ordinal] : []))
      if (ordinals.length === 0) return
      const ordinal = Math.min(...ordinals)
      const groups = heads.map((head) => (head?.ordinal === ordinal ? head : undefined))
      const ids = new Set(groups.flatMap((group) => (group ? [group.id] : [])))
      if (ids.size > 1) {
        throw new KalamError(
          'out_of_step',
          `merging ${list.map((i) => i.topic).join(', ')}: ordinal ${ordinal} is ${[...ids].join(' and ')}`,
        )
      }
      yield { id: [...ids][0]!, ordinal, groups: groups as Merged<Names> }
      for (let i = 0; i < readers.length; i++) if (groups[i]) heads[i] = await readers[i]!.next()
    }
  } finally {
    for (const reader of readers) await reader.close()
  }
}

const boundedReader = (log: Log, codec: Codec, input: Input<RecordName>, partition: number, end: number) => {
  const batches = log.scan(input.topic, partition, 0, end)[Symbol.asyncIterator]()
  const task: Task = {
    partition,
    signal: new AbortController().signal,
    start: { [input.topic]: 0 },
    hasMore: () => true,
    async read(): Promise<LogRecord[]> {
      const next = await batches.next()
      return next.done ? [] : next.value
    },
    async commit() {
      throw new KalamError('internal', `committing while scanning ${input.topic}`)
    },
  }
  const reader = groupReader({ task, codec, foreign: () => undefined }, input)
  return {
    async next(): Promise<Group<Records[RecordName]> | undefined> {
      for (;;) {
        const group = await reader.next()
        if (!group || !isSkip(group)) return group
      }
    },
    async close(): Promise<void> {
      await batches.return?.()
    },
  }
}
