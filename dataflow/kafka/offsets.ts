import { type Connections, noTopic } from './connections.ts'
import { type Broker, isolation } from './kafkajs-internals.ts'

/** An offset of every partition: the end of what is written, the end of what is committed, or the beginning. */
export const topicOffsets = (
  connections: Connections,
  topic: string,
  which: 'written' | 'committed' | 'beginning',
  signal?: AbortSignal,
): Promise<number[]> =>
  connections.trying(
    `reading the offsets of ${topic}`,
    async () => {
      const count = await connections.partitionsOf(topic)
      if (count === undefined) throw noTopic(topic)
      const isolationLevel = which === 'written' ? isolation.readUncommitted : isolation.readCommitted
      const timestamp = which === 'beginning' ? -2 : -1
      const offsets = new Array<number>(count).fill(0)
      const ask = async (broker: Broker, partitions: number[]) => {
        const asked = partitions.map((partition) => ({ partition, timestamp }))
        const { responses } = await broker.listOffsets({ isolationLevel, topics: [{ topic, partitions: asked }] })
        for (const { partition, offset } of responses.flatMap((told) => told.partitions))
          offsets[partition] = Number(offset)
      }
      const leaders = await byLeader(connections, topic, count)
      await Promise.all([...leaders].map(([broker, partitions]) => ask(broker, partitions)))
      return offsets
    },
    signal,
  )

const byLeader = async (connections: Connections, topic: string, count: number): Promise<Map<Broker, number[]>> => {
  const leaders = new Map<Broker, number[]>()
  for (let partition = 0; partition < count; partition++) {
    const { broker } = await connections.leaderOf(topic, partition)
    leaders.set(broker, [...(leaders.get(broker) ?? []), partition])
  }
  return leaders
}

/** Committed positions of a group by topic and partition; undefined where it has none. */
export const groupPositions = (
  connections: Connections,
  group: string,
  topics: string[],
  signal?: AbortSignal,
): Promise<Record<string, (number | undefined)[]>> =>
  connections.trying(
    `reading the positions of ${group}`,
    async () => {
      const asked = await Promise.all(topics.map((topic) => askAll(connections, topic)))
      const coordinator = await connections.coordinatorOf(group)
      const { responses } = await coordinator.offsetFetch({ groupId: group, topics: asked })
      const positions: Record<string, (number | undefined)[]> = {}
      for (const { topic, partitions } of responses) {
        const ofTopic: (number | undefined)[] = []
        for (const { partition, offset } of partitions)
          ofTopic[partition] = Number(offset) < 0 ? undefined : Number(offset)
        positions[topic] = ofTopic
      }
      return positions
    },
    signal,
  )

const askAll = async (connections: Connections, topic: string) => {
  const count = await connections.partitionsOf(topic)
  if (count === undefined) throw noTopic(topic)
  return { topic, partitions: Array.from({ length: count }, (_, partition) => ({ partition })) }
}
