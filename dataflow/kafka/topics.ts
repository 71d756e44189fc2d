import { setTimeout as sleep } from 'node:timers/promises'
import kafkajs, { type Admin } from 'kafkajs'
import { KalamError } from '../error.ts'
import type { TopicSpec } from '../log.ts'
import { causeOf, explained, isTransient, type KafkaError, patiently } from './patience.ts'

/** How topics are made. */
export interface TopicSettings {
  replication: number
  minInsync: number
  /** Largest record batch, in bytes. */
  maxMessageBytes: number
}

/** What a topic is made with, by the brokers' names. */
export const topicConfig = (
  { compacted = false }: Pick<TopicSpec, 'compacted'>,
  { maxMessageBytes, minInsync }: Pick<TopicSettings, 'maxMessageBytes' | 'minInsync'>,
) => ({
  'cleanup.policy': compacted ? 'compact' : 'delete',
  'retention.ms': '-1',
  'retention.bytes': '-1',
  'max.message.bytes': String(maxMessageBytes),
  'min.insync.replicas': String(minInsync),
})

const pollMs = 50
const appearMs = 30_000

/** Creates what is not there yet. KalamError log_broken where a topic has another partition count. */
export const createTopics = async (admin: Admin, specs: TopicSpec[], settings: TopicSettings): Promise<void> => {
  const known = await topicsOf(admin)
  for (const { topic, partitions } of specs) {
    const has = known[topic]
    if (has === undefined || has === partitions) continue
    throw new KalamError('log_broken', `creating topic ${topic}: it has ${has} partitions, not ${partitions}`)
  }
  const missing = specs.filter(({ topic }) => known[topic] === undefined)
  if (missing.length === 0) return
  await patiently('creating topics', () => create(admin, missing, settings))
  for (const until = Date.now() + appearMs; ; await sleep(pollMs)) {
    const now = await topicsOf(admin)
    if (missing.every(({ topic }) => now[topic] !== undefined)) return
    if (Date.now() < until) continue
    const late = missing.find(({ topic }) => now[topic] === undefined)!.topic
    throw new KalamError('log_unavailable', `creating topic ${late}: it did not appear in ${appearMs / 1000} s`)
  }
}

const create = async (admin: Admin, specs: TopicSpec[], settings: TopicSettings): Promise<void> => {
  try {
    await admin.createTopics({
      // Waiting for leaders sometimes fails although the topics are there.
      waitForLeaders: false,
      topics: specs.map((spec) => ({
        topic: spec.topic,
        numPartitions: spec.partitions,
        replicationFactor: settings.replication,
        configEntries: Object.entries(topicConfig(spec, settings)).map(([name, value]) => ({ name, value })),
      })),
    })
  } catch (thrown) {
    const cause = causeOf(thrown)
    if (cause.type === 'TOPIC_ALREADY_EXISTS') return
    if (cause.type !== 'INVALID_REPLICATION_FACTOR') {
      if (isTransient(thrown)) throw thrown
      throw refused(explained(thrown, 'creating topics'), cause)
    }
    throw new KalamError(
      'log_broken',
      `creating topics: the cluster has fewer brokers than the ${settings.replication} copies asked for`,
      { hint: 'Set log.kafka.replication (and min_insync) in pipeline.yaml to what the cluster has.', cause: thrown },
    )
  }
}

/** Why a topic is not made, where rights are not the reason. */
const refused = (told: unknown, cause: KafkaError & { topic?: string }): unknown =>
  told instanceof KalamError || cause.topic === undefined
    ? told
    : new KalamError('log_broken', `creating topic ${cause.topic}: the brokers refuse it (${cause.type})`, {
        hint: 'Look at what the brokers allow: the policy for new topics, and settings that log.kafka and limits in pipeline.yaml ask for.',
        cause,
      })

/** Names and partition counts of all topics. */
export const topicsOf = async (admin: Admin): Promise<Record<string, number>> => {
  const { topics } = await patiently('listing topics', () => admin.fetchTopicMetadata())
  return Object.fromEntries(topics.map(({ name, partitions }) => [name, partitions.length]))
}

/** Deletes topics with everything in them; those that are not there are passed over. */
export const deleteTopics = async (admin: Admin, names: string[]): Promise<void> => {
  const there = async () => {
    const known = await topicsOf(admin)
    return names.filter((name) => known[name] !== undefined)
  }
  // Looked up at each attempt: another process may delete them too.
  await patiently('deleting topics', async () => {
    const topics = await there()
    if (topics.length > 0) await admin.deleteTopics({ topics, timeout: appearMs })
  })
  for (const until = Date.now() + appearMs; Date.now() < until; await sleep(pollMs)) {
    if ((await there()).length === 0) return
  }
}

/** Deletes groups with their positions; those that are not there are passed over, one with members is waited for. */
export const deleteGroups = async (admin: Admin, names: string[]): Promise<void> => {
  for (const name of names) {
    for (const until = Date.now() + appearMs; ; await sleep(pollMs)) {
      const type = await patiently(`deleting group ${name}`, () => deleteGroup(admin, name))
      if (type === undefined || type === 'GROUP_ID_NOT_FOUND') break
      if (type === 'NON_EMPTY_GROUP' && Date.now() < until) continue
      throw new KalamError('log_unavailable', `deleting group ${name}: the brokers answer ${type}`, {
        hint: 'Stop the workers of this line, then run the same command again.',
      })
    }
  }
}

/** Resolves with the type of the refusal, if there is one. */
const deleteGroup = async (admin: Admin, name: string): Promise<string | undefined> => {
  try {
    await admin.deleteGroups([name])
    return undefined
  } catch (thrown) {
    if (!(thrown instanceof kafkajs.KafkaJSDeleteGroupsError)) throw thrown
    return causeOf(thrown.groups[0]?.error).type
  }
}
