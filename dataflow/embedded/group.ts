import { setMaxListeners } from 'node:events'
import { KalamError } from '../error.ts'
import { groupPartitions } from '../group-partitions.ts'
import type { GroupOptions, Membership, Positions, Task } from '../log.ts'
import type { Appends } from './appends.ts'
import type { Store } from './store.ts'

/** Runs one task per partition of a group's inputs. KalamError log_broken when its topics do not fit together. */
export const joinGroup = (store: Store, appends: Appends, group: GroupOptions): Membership => {
  const topics = group.output === undefined ? group.inputs : [...group.inputs, group.output]
  const partitions = groupPartitions(group, new Map(topics.map((topic) => [topic, store.topic(topic).partitions])))
  const stop = new AbortController()
  // One listener per waiting task and topic.
  setMaxListeners(0, stop.signal)
  let failure: { thrown: unknown } | undefined
  const tasks = Array.from({ length: partitions }, async (_, partition) => {
    try {
      await group.work(openTask(store, appends, group, partition, stop.signal))
    } catch (thrown) {
      failure ??= { thrown }
      stop.abort()
    }
  })
  const done = Promise.all(tasks).then(() => {
    if (failure) throw failure.thrown
  })
  // The owner awaits `done` later; without this a failure before that would end the process.
  done.catch(() => undefined)
  return {
    done,
    async stop() {
      stop.abort()
      await done.catch(() => undefined)
    },
  }
}

const openTask = (
  store: Store,
  appends: Appends,
  group: GroupOptions,
  partition: number,
  signal: AbortSignal,
): Task => {
  const start: Positions = {}
  for (const topic of group.inputs) {
    start[topic] = store.position(group.group, topic, partition) ?? recoverPosition(store, group, topic, partition)
  }
  const next: Positions = { ...start }
  return {
    partition,
    signal,
    start,
    hasMore: (topic) => next[topic]! < store.topic(topic).ends[partition]!,
    async read(topic, maxBytes) {
      while (!signal.aborted) {
        const records = store.read(topic, partition, next[topic]!, maxBytes)
        const last = records.at(-1)
        if (last) {
          next[topic] = last.offset + 1
          return records
        }
        await appends.next(topic, partition, signal)
      }
      return []
    },
    async commit(outputs, positions) {
      if (signal.aborted) throw new KalamError('internal', `committing in ${group.group}: the task has ended`)
      await store.commit(outputs, { group: group.group, partition, values: positions })
    },
  }
}

/** Where a task goes on when its group has no committed position: behind what its last output was made of. */
const recoverPosition = (store: Store, group: GroupOptions, topic: string, partition: number): number => {
  if (group.output === undefined) return 0
  const end = store.topic(group.output).ends[partition]!
  if (end === 0) return 0
  const [last] = store.read(group.output, partition, end - 1, 1)
  const position = last?.headers.position?.split(',')[group.inputs.indexOf(topic)]
  if (position !== undefined && /^\d+$/.test(position)) return Number(position)
  throw new KalamError(
    'log_broken',
    `starting ${group.group}, partition ${partition}: its position is lost and ${group.output} does not tell it`,
    {
      hint: 'Give the line a new name in pipeline.yaml; its records are made again.',
    },
  )
}
