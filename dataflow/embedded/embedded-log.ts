import { setMaxListeners } from 'node:events'
import { KalamError } from '../error.ts'
import type { GroupOptions, Log, LogRecord, Membership, OutputRecord, Positions, Task } from '../log.ts'
import { claimOwner } from './owner.ts'
import { openStore, type Store } from './store.ts'

const scanBytes = 4 * 2 ** 20

/** The log in a folder of this machine (LMDB): one process owns it at a time; every commit is one fsynced transaction. */
export const embeddedLog = (options: { folder: string }): Log => {
  const release = claimOwner(options.folder)
  let store: Store
  try {
    store = openStore(options.folder)
  } catch (thrown) {
    release()
    throw thrown
  }
  const waiting = new Map<string, Set<() => void>>()
  store.onAppend((topic, partition) => {
    const waiters = waiting.get(`${topic}\0${partition}`)
    if (!waiters) return
    waiting.delete(`${topic}\0${partition}`)
    for (const wake of waiters) wake()
  })
  const groups = new Set<string>()
  const partitionsOf = (topic: string) => Array.from({ length: store.topic(topic).partitions }, (_, p) => p)

  /** Resolves at the next append to the partition, or when the signal is aborted. */
  const appended = (topic: string, partition: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const name = `${topic}\0${partition}`
      const wake = () => {
        signal.removeEventListener('abort', wake)
        waiting.get(name)?.delete(wake)
        resolve()
      }
      let waiters = waiting.get(name)
      if (!waiters) {
        waiters = new Set()
        waiting.set(name, waiters)
      }
      waiters.add(wake)
      signal.addEventListener('abort', wake, { once: true })
    })

  const openTask = (group: GroupOptions, partition: number, signal: AbortSignal): Task => {
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
          await appended(topic, partition, signal)
        }
        return []
      },
      async commit(outputs, positions) {
        if (signal.aborted) throw new KalamError('internal', `committing in ${group.group}: the task has ended`)
        await store.commit(outputs, { group: group.group, partition, values: positions })
      },
    }
  }

  const join = async (group: GroupOptions): Promise<Membership> => {
    if (groups.has(group.group)) throw new KalamError('internal', `joining ${group.group}: already joined`)
    const counts = new Set(group.inputs.map((topic) => store.topic(topic).partitions))
    if (counts.size !== 1)
      throw new KalamError('log_broken', `joining ${group.group}: its topics have unequal partition counts`)
    groups.add(group.group)
    const stop = new AbortController()
    // One listener per waiting task and topic.
    setMaxListeners(0, stop.signal)
    const tasks = partitionsOf(group.inputs[0]!).map(async (partition) => {
      try {
        await group.work(openTask(group, partition, stop.signal))
      } catch (thrown) {
        stop.abort()
        throw thrown
      }
    })
    const done = Promise.allSettled(tasks).then((ends) => {
      groups.delete(group.group)
      const failed = ends.find((end) => end.status === 'rejected')
      if (failed) throw failed.reason
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

  async function* scan(topic: string, partition: number, from: number, to?: number): AsyncIterable<LogRecord[]> {
    const end = Math.min(to ?? Number.POSITIVE_INFINITY, store.topic(topic).ends[partition]!)
    for (let at = from; at < end; ) {
      const records = store.read(topic, partition, at, scanBytes, end)
      const last = records.at(-1)
      if (!last) return
      at = last.offset + 1
      yield records
      await new Promise(setImmediate)
    }
  }

  return {
    async createTopics(specs) {
      for (const spec of specs) await store.create(spec)
    },
    topics: async () => Object.fromEntries(store.topicNames().map((name) => [name, store.topic(name).partitions])),
    join,
    writer: async () => ({ commit: (outputs: OutputRecord[]) => store.commit(outputs), close: async () => undefined }),
    ends: async (topic) => [...store.topic(topic).ends],
    committed: async (group, topic) => partitionsOf(topic).map((p) => store.position(group, topic, p)),
    scan,
    async close() {
      await store.close()
      release()
    },
  }
}

/** Where a task goes on when its group has no committed position: behind what its last output was made of. */
const recoverPosition = (store: Store, group: GroupOptions, topic: string, partition: number): number => {
  if (!group.output) return 0
  const end = store.topic(group.output).ends[partition]!
  if (end === 0) return 0
  const position = store.read(group.output, partition, end - 1, 1)[0]?.headers.position?.split(',')[
    group.inputs.indexOf(topic)
  ]
  if (position === undefined || !/^\d+$/.test(position)) {
    throw new KalamError(
      'log_broken',
      `starting ${group.group}, partition ${partition}: its position is lost and ${group.output} does not tell it`,
      {
        hint: 'Give the line a new name in pipeline.yaml; its records are made again.',
      },
    )
  }
  return Number(position)
}
