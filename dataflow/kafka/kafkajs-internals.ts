import { createRequire } from 'node:module'
import type { Kafka, RetryOptions } from 'kafkajs'

/**
 * The parts of kafkajs below its public API that are used here: its connections to brokers and its requests. Its consumer
 * reads through loops of its own, which lose their place at a rebalance, hold other partitions up and repair offsets
 * silently; the log reads through these connections instead. The version is pinned; a test calls every part named here.
 */
export interface Cluster {
  connect(): Promise<void>
  disconnect(): Promise<void>
  refreshMetadata(): Promise<void>
  addMultipleTargetTopics(topics: string[]): Promise<void>
  removeBroker(address: { host: string; port: number }): void
  findBroker(options: { nodeId: number | string }): Promise<Broker>
  findTopicPartitionMetadata(topic: string): { partitionId: number; leader: number }[]
  findGroupCoordinator(options: { groupId: string; coordinatorType?: number }): Promise<Broker>
  findGroupCoordinatorMetadata(options: { groupId: string; coordinatorType?: number }): Promise<unknown>
  targetTopics: Set<string>
  brokerPool: { findConnectedBroker(): Promise<Broker> }
}

/** A connected broker. */
export interface Broker {
  lookupRequest(apiKey: number, request: unknown): (parameters: object) => WireRequest
  connectionPool: { host: string; port: number; send(request: WireRequest): Promise<unknown> }
  metadata(topics: string[]): Promise<{ topicMetadata: { topic: string; partitionMetadata: unknown[] }[] }>
  listOffsets(request: { isolationLevel: number; topics: OffsetsAsked[] }): Promise<{ responses: OffsetsTold[] }>
  offsetFetch(request: { groupId: string; topics: { topic: string; partitions: { partition: number }[] }[] }): Promise<{
    responses: { topic: string; partitions: { partition: number; offset: string; errorCode: number }[] }[]
  }>
  leaveGroup(request: { groupId: string; memberId: string }): Promise<unknown>
  /** Which versions of which requests it knows, by API key. */
  versions: Record<number, { minVersion: number; maxVersion: number }> | null
  initProducerId(request: {
    transactionalId: string
    transactionTimeout: number
  }): Promise<{ producerId: string; producerEpoch: number }>
  addPartitionsToTxn(request: Producing & { topics: { topic: string; partitions: number[] }[] }): Promise<unknown>
  addOffsetsToTxn(request: Producing & { groupId: string }): Promise<unknown>
  endTxn(request: Producing & { transactionResult: boolean }): Promise<unknown>
}

/** Whose transaction a request is about. */
export interface Producing {
  transactionalId: string
  producerId: string
  producerEpoch: number
}

/** Which offset of which partitions is asked for: -1 the end, -2 the beginning. */
export interface OffsetsAsked {
  topic: string
  partitions: { partition: number; timestamp: number }[]
}

/** What a broker tells of them. */
export interface OffsetsTold {
  topic: string
  partitions: { partition: number; offset: string; errorCode: number }[]
}

/** A request and how its response is read. */
export interface WireRequest {
  request: unknown
  response: { decode(bytes: Buffer): Promise<unknown>; parse(data: unknown): Promise<unknown> }
  requestTimeout?: number
}

/** One partition in a fetch request. */
export interface FetchAsked {
  partition: number
  fetchOffset: string
  maxBytes: number
}

/** One partition in a fetch response. */
export interface FetchTold {
  partition: number
  errorCode: number
  highWatermark: string
  lastStableOffset: string
  abortedTransactions: { producerId: string; firstOffset: string }[] | null
  messages: WireMessage[]
}

/** A record as it came over the wire; control records are markers of transactions. */
export interface WireMessage {
  offset: string
  timestamp: string
  key: Buffer | null
  value: Buffer | null
  headers: Record<string, Buffer | Buffer[]>
  isControlRecord: boolean
  batchContext: { firstOffset: string; lastOffsetDelta: number; producerId: string; inTransaction: boolean }
}

/** Kinds of coordinators of the protocol. */
export const coordinatorTypes = { group: 0, transaction: 1 }

/** Isolation levels of the protocol. */
export const isolation = { readUncommitted: 0, readCommitted: 1 }

const require = createRequire(import.meta.url)

interface Requests {
  apiKeys: Record<string, number>
  requests: Record<string, unknown>
}
const protocol: Requests['requests'] = require('kafkajs/src/protocol/requests/index.js').requests
const apiKeys: Requests['apiKeys'] = require('kafkajs/src/protocol/requests/apiKeys.js')

type MakeCluster = (options: Record<string, unknown>) => Cluster & { retry?: RetryOptions }

const makeClusterOf = (kafka: Kafka): { key: symbol; make: MakeCluster } => {
  const key = Object.getOwnPropertySymbols(kafka).find((symbol) => symbol.description?.endsWith('createCluster'))
  if (key === undefined) throw new Error('kafkajs has no createCluster: dataflow/kafka/kafkajs-internals.ts fits 2.2.4')
  return { key, make: (kafka as unknown as Record<symbol, MakeCluster>)[key]! }
}

/**
 * Lets the client's retry settings hold for fencing and offsets of transactions too: kafkajs reads them from a property
 * that it never sets, and waits 300 ms and more instead. Coordinators are remembered, and not asked for four times in every transaction.
 */
export const retryEverywhere = (kafka: Kafka, retry: RetryOptions): Kafka => {
  const { key, make } = makeClusterOf(kafka)
  const patched: MakeCluster = (options) => rememberCoordinators(Object.assign(make(options), { retry }))
  Object.defineProperty(kafka, key, { value: patched })
  return kafka
}

/** After so long they are asked for anew, though no call has failed. */
const coordinatorMs = 60_000

/** An error that says nothing about who coordinates: the end of the transaction before is not written yet. */
const ordinaryType = 'CONCURRENT_TRANSACTIONS'

/** Remembers who coordinates what until any call to one of them, or the way to it, fails. */
const rememberCoordinators = (cluster: Cluster): Cluster => {
  const known = new Map<string, { found: Promise<unknown>; until: number }>()
  const forget = () => known.clear()
  const findMetadata = cluster.findGroupCoordinatorMetadata.bind(cluster)
  const find = cluster.findGroupCoordinator.bind(cluster)
  const findBroker = cluster.findBroker.bind(cluster)
  const watched = watchedBrokers((thrown) => {
    if ((thrown as { type?: string } | undefined)?.type !== ordinaryType) forget()
  })
  cluster.findGroupCoordinatorMetadata = (options) => {
    const name = `${options.coordinatorType ?? 0} ${options.groupId}`
    const before = known.get(name)
    if (before && performance.now() < before.until) return before.found
    const found = findMetadata(options)
    known.set(name, { found, until: performance.now() + coordinatorMs })
    found.catch(forget)
    return found
  }
  cluster.findBroker = (options) => {
    const broker = findBroker(options)
    broker.catch(forget)
    return broker
  }
  cluster.findGroupCoordinator = async (options) => watched(await find(options))
  return cluster
}

/** Brokers whose failing calls are told. */
const watchedBrokers = (onFailure: (thrown: unknown) => void): ((broker: Broker) => Broker) => {
  const made = new WeakMap<Broker, Broker>()
  return (broker) => {
    const before = made.get(broker)
    if (before) return before
    const watched = new Proxy(broker, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target)
        if (typeof value !== 'function') return value
        return (...args: unknown[]) => {
          const result: unknown = value.apply(target, args)
          if (result instanceof Promise) result.catch(onFailure)
          return result
        }
      },
    })
    made.set(broker, watched)
    return watched
  }
}

/** Connections of their own to the brokers of a client. */
export const clusterOf = (kafka: Kafka, options: { metadataMaxAgeMs: number }): Cluster =>
  makeClusterOf(kafka).make({ metadataMaxAge: options.metadataMaxAgeMs, allowAutoTopicCreation: false })

/**
 * Fetches from one broker, partitions in the order given: the broker gives at least one batch of the first one that has
 * any. Errors stand at their partitions; kafkajs' own fetch throws the first one and forgets the rest.
 */
export const fetchFrom = async (
  broker: Broker,
  options: {
    maxWaitMs: number
    maxBytes: number
    isolationLevel: number
    topics: { topic: string; partitions: FetchAsked[] }[]
  },
): Promise<{ topicName: string; partitions: FetchTold[] }[]> => {
  const { maxWaitMs, maxBytes, isolationLevel, topics } = options
  const make = broker.lookupRequest(apiKeys.Fetch!, protocol.Fetch)
  const made = make({ maxWaitTime: maxWaitMs, minBytes: 1, maxBytes, isolationLevel, topics })
  const answer = await broker.connectionPool.send({
    ...made,
    response: { decode: made.response.decode, parse: async (data) => data },
  })
  return (answer as { responses: { topicName: string; partitions: FetchTold[] }[] }).responses
}
