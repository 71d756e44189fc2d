import type { Kafka } from 'kafkajs'
import { KalamError } from '../error.ts'
import type { LogEvents } from '../log-events.ts'
import { type Broker, type Cluster, clusterOf, coordinatorTypes } from './kafkajs-internals.ts'
import { causeOf, patiently } from './patience.ts'

/** Connections to the brokers for one purpose; requests on others do not wait behind its own. */
export interface Connections {
  /** Leader of a partition, connected. Rejects as kafkajs does; see patiently. */
  leaderOf(topic: string, partition: number): Promise<{ nodeId: number; broker: Broker }>
  /** Number of partitions; undefined when there is no such topic. */
  partitionsOf(topic: string, signal?: AbortSignal): Promise<number | undefined>
  /** Takes note that a request failed: connections and leaders are looked up anew. */
  failed(thrown: unknown): Promise<void>
  /** Tries once, and looks connections and leaders up anew after a failure. */
  noting<Result>(attempt: () => Promise<Result>): Promise<Result>
  /** Tries as patiently does, and looks connections and leaders up anew after each failure. */
  trying<Result>(doing: string, attempt: () => Promise<Result>, signal?: AbortSignal): Promise<Result>
  /** Forgets topics that were deleted: their names may come back as others. */
  forget(topics: string[]): void
  /** The broker that keeps a group's positions, or the state of a transactional id, connected. */
  coordinatorOf(id: string, kind?: 'group' | 'transaction'): Promise<Broker>
  close(): Promise<void>
}

const metadataMaxAgeMs = 60_000
const reappearMs = 10_000
const unknownTopic = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'INVALID_TOPIC_EXCEPTION'])

/** Opens connections as they are needed. */
export const openConnections = (kafka: Kafka, onEvent?: LogEvents): Connections => {
  const cluster: Cluster = clusterOf(kafka, { metadataMaxAgeMs })
  const counts = partitionCounts(cluster)
  let leaders = new Map<string, number>()
  let leadersUntil = 0
  let last: Promise<unknown> = Promise.resolve()
  let closed = false

  /** One at a time, and only of topics that exist: an unknown one would make the refresh of all others fail. */
  const metadataOf = (topic: string) => {
    const found = last.then(async () => {
      if ((await counts.of(topic)) === undefined) throw counts.missing(topic)
      await cluster.addMultipleTargetTopics([topic])
      // A refresh that was under way already may have gone out without it.
      if (cluster.findTopicPartitionMetadata(topic).length === 0) await cluster.refreshMetadata()
      return cluster.findTopicPartitionMetadata(topic)
    })
    last = found.catch(() => undefined)
    return found
  }

  const leaderOf: Connections['leaderOf'] = async (topic, partition) => {
    if (Date.now() > leadersUntil) leaders = new Map()
    const name = `${topic}\0${partition}`
    let nodeId = leaders.get(name)
    if (nodeId === undefined) {
      const metadata = (await metadataOf(topic)).find(({ partitionId }) => partitionId === partition)
      if (!metadata) throw noPartition(topic, partition)
      if (leaders.size === 0) leadersUntil = Date.now() + metadataMaxAgeMs
      nodeId = metadata.leader
      leaders.set(name, nodeId)
    }
    return { nodeId, broker: await cluster.findBroker({ nodeId }) }
  }

  const failed = async (thrown: unknown): Promise<void> => {
    // Whoever looks a broker up connects to it.
    if (closed) return
    leaders.clear()
    if (isUnknownTopic(thrown)) counts.doubt()
    const { host, port } = causeOf(thrown)
    if (host !== undefined && port !== undefined) cluster.removeBroker({ host, port })
    await cluster.connect().catch(() => undefined)
    await cluster.refreshMetadata().catch(() => undefined)
  }

  const noting = <Result>(attempt: () => Promise<Result>): Promise<Result> =>
    attempt().catch((thrown) =>
      failed(thrown).then(() => {
        throw thrown
      }),
    )
  const trying = <Result>(doing: string, attempt: () => Promise<Result>, signal?: AbortSignal) =>
    patiently(doing, () => noting(attempt), { onEvent, ...(signal && { signal }) })

  return {
    leaderOf,
    partitionsOf: async (topic, signal) =>
      counts.known(topic) ?? (await trying(`looking up topic ${topic}`, () => counts.of(topic), signal)),
    failed,
    noting,
    trying,
    forget(topics) {
      leaders.clear()
      for (const topic of topics) for (const names of [counts, cluster.targetTopics]) names.delete(topic)
    },
    async coordinatorOf(id, kind = 'group') {
      await cluster.connect()
      return cluster.findGroupCoordinator({ groupId: id, coordinatorType: coordinatorTypes[kind] })
    },
    close: () => {
      closed = true
      return cluster.disconnect()
    },
  }
}

/** Partition counts of topics, which do not change while a topic is there. */
const partitionCounts = (cluster: Cluster) => {
  const known = new Map<string, number>()
  const missedAt = new Map<string, number>()
  return {
    known: (topic: string) => known.get(topic),
    async of(topic: string): Promise<number | undefined> {
      const before = known.get(topic)
      if (before !== undefined) return before
      await cluster.connect()
      const broker = await cluster.brokerPool.findConnectedBroker()
      try {
        const [told] = (await broker.metadata([topic])).topicMetadata
        const count = told?.partitionMetadata.length ?? 0
        if (count === 0) return undefined
        known.set(topic, count)
        missedAt.delete(topic)
        return count
      } catch (thrown) {
        if (unknownTopic.has(causeOf(thrown).type ?? '')) return undefined
        throw thrown
      }
    },
    delete(topic: string): void {
      known.delete(topic)
      missedAt.delete(topic)
    },
    /** Topics are asked for anew: one of them was not there. */
    doubt() {
      for (const topic of known.keys()) if (!missedAt.has(topic)) missedAt.set(topic, Date.now())
      known.clear()
    },
    /** A broker that starts may not know a topic yet: one that was there is gone when it does not come back. */
    missing(topic: string): KalamError {
      const since = missedAt.get(topic)
      if (since === undefined || Date.now() - since > reappearMs) return noTopic(topic)
      return new KalamError('log_unavailable', `opening topic ${topic}: it is not there now`, { retryable: true })
    },
  }
}

const isUnknownTopic = (thrown: unknown): boolean =>
  causeOf(thrown).type === 'UNKNOWN_TOPIC_OR_PARTITION' ||
  (thrown instanceof KalamError && thrown.details.unknownTopic === true)

/** What is thrown where a topic is used that does not exist. */
export const noTopic = (topic: string): KalamError =>
  new KalamError('log_broken', `opening topic ${topic}: there is no such topic`, {
    hint: 'kalam topics create makes the topics of a pipeline.',
  })

const noPartition = (topic: string, partition: number): KalamError =>
  new KalamError('log_broken', `opening topic ${topic}: it has no partition ${partition}`)
