import { KalamError } from '../error.ts'
import type { Log, LogRecord, Membership, Writer } from '../log.ts'
import { appendsOf } from './appends.ts'
import { joinGroup } from './group.ts'
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
  const appends = appendsOf(store)
  const groups = new Map<string, Membership>()
  let closing: Promise<void> | undefined
  const close = async () => {
    await Promise.all([...groups.values()].map((membership) => membership.stop()))
    try {
      await store.close()
    } finally {
      release()
    }
  }
  return {
    async createTopics(specs) {
      for (const spec of specs) store.create(spec)
    },
    deleteTopics: (names) => store.deleteTopics(names),
    async deleteGroups(names) {
      const joined = names.find((name) => groups.has(name))
      if (joined !== undefined) throw new KalamError('internal', `deleting group ${joined}: it is joined`)
      await store.deleteGroups(names)
    },
    topics: async () => Object.fromEntries(store.topicNames().map((name) => [name, store.topic(name).partitions])),
    async join(group) {
      if (groups.has(group.group)) throw new KalamError('internal', `joining ${group.group}: already joined`)
      const membership = joinGroup(store, appends, group)
      groups.set(group.group, membership)
      const left = () => groups.delete(group.group)
      membership.done.then(left, left)
      return membership
    },
    writer: writersOf(store),
    ends: async (topic) => [...store.topic(topic).ends],
    committed: async (group, topic) =>
      Array.from({ length: store.topic(topic).partitions }, (_, p) => store.position(group, topic, p)),
    scan: (topic, partition, from, to = Number.POSITIVE_INFINITY) =>
      scanStore(store, topic, partition, from, Math.min(to, store.topic(topic).ends[partition]!)),
    close() {
      closing ??= close()
      return closing
    },
  }
}

const writersOf = (store: Store): Log['writer'] => {
  const newest = new Map<string, Writer>()
  return async (id) => {
    const writer: Writer = {
      async commit(outputs) {
        if (newest.get(id) === writer) return store.commit(outputs)
        throw new KalamError('state_in_use', `writing as ${id}: this writer is closed, or another was opened after it`)
      },
      async close() {
        if (newest.get(id) === writer) newest.delete(id)
      },
    }
    newest.set(id, writer)
    return writer
  }
}

async function* scanStore(
  store: Store,
  topic: string,
  partition: number,
  from: number,
  end: number,
): AsyncGenerator<LogRecord[]> {
  for (let at = from; at < end; ) {
    const records = store.read(topic, partition, at, scanBytes, end)
    const last = records.at(-1)
    if (!last) return
    at = last.offset + 1
    yield records
    await new Promise(setImmediate)
  }
}
