import { setMaxListeners } from 'node:events'
import { KalamError } from '../error.ts'
import type { Log, Membership, OutputRecord, Writer } from '../log.ts'
import type { LogEvents } from '../log-events.ts'
import { type ClusterSettings, kafkaClients } from './client.ts'
import { noTopic, openConnections } from './connections.ts'
import { endForgotten, type TransactionPlaces } from './end-forgotten.ts'
import { openFetcher } from './fetcher.ts'
import { memberMarks } from './member-marks.ts'
import { joinGroup } from './membership.ts'
import { groupPositions, topicOffsets } from './offsets.ts'
import { patiently } from './patience.ts'
import { scanPartition } from './scan.ts'
import { refuseUnknown } from './task.ts'
import { createTopics, deleteGroups, deleteTopics, type TopicSettings, topicsOf } from './topics.ts'
import { openTransactions, type Transactions } from './transactions.ts'

/** A cluster and how this pipeline uses it. */
export interface KafkaLogOptions extends ClusterSettings, TopicSettings {
  /** Folder where members are noted, so that a restarted process can leave groups for its dead predecessor. */
  memberFolder?: string
  /** How long it tries to connect first, in milliseconds; 30 s without it. */
  giveUpMs?: number
  onEvent?: LogEvents
}

/**
 * The log on a Kafka cluster. Exactly one producer per task and one `sendBatch` under way; records are read through
 * connections of its own; the first error of a transaction ends its producer, and a new one finds out what happened.
 */
export const kafkaLog = (options: KafkaLogOptions): Log => {
  const { onEvent, giveUpMs = 30_000 } = options
  const { joining, asking, writing, memberRetry } = kafkaClients(options)
  const connections = openConnections(asking, onEvent)
  // Long polls of tasks hold up nothing but each other.
  const fetching = openConnections(asking, onEvent)
  const fetcher = openFetcher(fetching, onEvent)
  const marks = memberMarks(options.memberFolder)
  const admin = asking.admin({ retry: { retries: 5 } })
  const connected = once(() => patiently('connecting to Kafka', () => admin.connect(), { onEvent, giveUpMs }))
  const closing = new AbortController()
  setMaxListeners(0, closing.signal)
  const parts = {
    ...{ kafka: joining, retry: memberRetry, marks, sessionTimeoutMs: options.sessionTimeoutMs },
    ...{ fetcher, connections, onEvent, closing: closing.signal },
    openTransactions(id: string, options: { whole: boolean; places: TransactionPlaces; signal: AbortSignal }) {
      const { whole, places, signal } = options
      const before = () => connections.noting(() => endForgotten(connections, id, places, signal))
      return openTransactions(writing, id, { whole, before })
    },
  }
  const members = new Set<Membership>()
  const writers = new Set<Writer>()
  const close = once(async () => {
    closing.abort()
    await Promise.all([...members].map((member) => member.stop()))
    await Promise.all([...writers].map((writer) => writer.close()))
    fetcher.close()
    await Promise.all([connections.close(), fetching.close(), admin.disconnect()])
  })
  return {
    async createTopics(specs) {
      await connected()
      await createTopics(admin, specs, options)
    },
    async deleteTopics(names) {
      await connected()
      await deleteTopics(admin, names)
      for (const each of [connections, fetching]) each.forget(names)
    },
    async deleteGroups(names) {
      await connected()
      await deleteGroups(admin, names)
    },
    async topics() {
      await connected()
      return topicsOf(admin)
    },
    async join(group) {
      const membership = await joinGroup(parts, group)
      members.add(membership)
      const left = () => members.delete(membership)
      membership.done.then(left, left)
      return membership
    },
    async writer(id) {
      const open = () =>
        patiently(`opening writer ${id}`, () => openTransactions(writing, id, { whole: true }), { onEvent, group: id })
      const writer = writerOf(id, await open(), (outputs) => refuseUnknown(connections, outputs))
      writers.add(writer)
      return { ...writer, close: () => writer.close().then(() => void writers.delete(writer)) }
    },
    ends: (topic) => topicOffsets(connections, topic, 'written'),
    committedEnds: (topic) => topicOffsets(connections, topic, 'committed'),
    async committed(group, topic) {
      const positions = await groupPositions(connections, group, [topic])
      if (!positions[topic]) throw noTopic(topic)
      return positions[topic]
    },
    async members(group) {
      await connected()
      const { groups } = await admin.describeGroups([group])
      return groups[0]?.members.length ?? 0
    },
    scan: (topic, partition, from, to) => scanPartition(connections, topic, partition, from, to),
    close,
  }
}

const writerOf = (
  id: string,
  transactions: Transactions,
  check: (outputs: OutputRecord[]) => Promise<void>,
): Writer => {
  let closed = false
  let last: Promise<unknown> = Promise.resolve()
  return {
    async commit(outputs) {
      if (closed) throw new KalamError('state_in_use', `writing as ${id}: this writer is closed`)
      if (outputs.length === 0) return []
      // Sent as they are now, whatever the caller does with them later.
      const copied = outputs.map((output) => ({ ...output, value: Buffer.from(output.value) }))
      const written = last.then(async () => {
        await check(copied)
        return transactions.commit(copied)
      })
      last = written.catch(() => undefined)
      return written
    },
    async close() {
      closed = true
      await transactions.close()
    },
  }
}

const once = <Result>(work: () => Promise<Result>): (() => Promise<Result>) => {
  let result: Promise<Result> | undefined
  return () => {
    result ??= work()
    return result
  }
}
