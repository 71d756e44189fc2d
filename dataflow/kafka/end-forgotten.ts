import type { Connections } from './connections.ts'
import { topicOffsets } from './offsets.ts'
import { transactionState } from './transaction-state.ts'
import { shortestTimeoutMs } from './transaction-timeouts.ts'
import { untilReady } from './until-ready.ts'

/** Where transactions of an id write. */
export interface TransactionPlaces {
  /** The group whose positions they move. */
  group: string | undefined
  /** Topics they write to, all partitions or one. */
  topics: readonly { topic: string; partition?: number }[]
}

/**
 * Ends a transaction that the brokers have forgotten to end, as it was to end. A broker that comes back takes partitions that have
 * no leader just then for deleted ones, and calls a transaction complete that has no marker there (seen with Kafka 4.4.0:
 * `KRaftMetadataCache.getPartitionLeaderEndpoint`). Readers would wait before it for ever, and the committed positions would
 * not tell of it. A marker of the same producer ends it, so a transaction without records does. Fences older producers of
 * the id; errors as kafkajs throws them.
 */
export const endForgotten = async (
  connections: Connections,
  id: string,
  places: TransactionPlaces,
  signal?: AbortSignal,
): Promise<void> => {
  const coordinator = await connections.coordinatorOf(id, 'transaction')
  let state = await transactionState(coordinator, id)
  if (state === 'none' && (await openPlaces(connections, places, signal)).length === 0) return
  const fence = async () => {
    try {
      return await coordinator.initProducerId({ transactionalId: id, transactionTimeout: shortestTimeoutMs })
    } catch (thrown) {
      // One that began since then is ended by this.
      state = await transactionState(coordinator, id)
      throw thrown
    }
  }
  const { producerId, producerEpoch } = await untilReady(fence)
  const topics = await openPlaces(connections, places, signal)
  const { group } = places
  if (topics.length === 0 && (state === 'none' || group === undefined)) return
  const producer = { transactionalId: id, producerId, producerEpoch }
  if (topics.length > 0) await untilReady(() => coordinator.addPartitionsToTxn({ ...producer, topics }))
  if (group !== undefined) await untilReady(() => coordinator.addOffsetsToTxn({ ...producer, groupId: group }))
  await coordinator.endTxn({ ...producer, transactionResult: state === 'committed' })
}

/** Partitions in which something is open, anybody's: a marker ends only what its own producer has there. */
const openPlaces = async (
  connections: Connections,
  { topics }: TransactionPlaces,
  signal: AbortSignal | undefined,
): Promise<{ topic: string; partitions: number[] }[]> => {
  const open: { topic: string; partitions: number[] }[] = []
  for (const { topic, partition: only } of topics) {
    const committed = await topicOffsets(connections, topic, 'committed', signal)
    const written = await topicOffsets(connections, topic, 'written', signal)
    const partitions = [...written.keys()].filter(
      (p) => (only === undefined || p === only) && committed[p]! < written[p]!,
    )
    if (partitions.length > 0) open.push({ topic, partitions })
  }
  return open
}
