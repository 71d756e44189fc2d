import kafkajs, { type Admin } from 'kafkajs'
import type { TopicSpec } from '../log.ts'
import { type ClusterSettings, kafkaClients } from './client.ts'
import { causeOf, patiently } from './patience.ts'
import { differencesOf, type FoundTopic, type TopicDifference } from './topic-differences.ts'
import { type TopicSettings, topicConfig } from './topics.ts'

/** How topics of a cluster compare with those that would be made. */
export interface TopicComparison {
  differences: TopicDifference[]
  /** Whether this user may not see the topics' settings: then they are not compared. */
  isBlind: boolean
}

/** Compares topics with what would be made; those that are not there are passed over. Changes nothing. */
export const compareTopics = async (
  cluster: ClusterSettings & TopicSettings,
  specs: readonly TopicSpec[],
): Promise<TopicComparison> => {
  const admin = kafkaClients(cluster).asking.admin({ retry: { retries: 5 } })
  try {
    await patiently('connecting to Kafka', () => admin.connect())
    const names = new Set(specs.map(({ topic }) => topic))
    const { topics } = await patiently('looking at topics', () => admin.fetchTopicMetadata())
    const there = topics.filter(({ name }) => names.has(name))
    const configs = await configsOf(
      admin,
      there.map(({ name }) => name),
    )
    const found = new Map<string, FoundTopic>(
      there.map(({ name, partitions }) => [
        name,
        {
          partitions: partitions.length,
          copies: Math.min(...partitions.map(({ replicas }) => replicas.length)),
          config: configs?.get(name),
        },
      ]),
    )
    const differences = specs.flatMap((spec) => {
      const topic = found.get(spec.topic)
      return topic ? differencesOf(spec, topic, cluster) : []
    })
    return { differences, isBlind: configs === undefined }
  } finally {
    await admin.disconnect()
  }
}

const configsOf = async (
  admin: Admin,
  topics: string[],
): Promise<Map<string, Record<string, string | undefined>> | undefined> => {
  if (topics.length === 0) return new Map()
  const configNames = Object.keys(topicConfig({}, { maxMessageBytes: 0, minInsync: 0 }))
  const asked = topics.map((name) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name, configNames }))
  try {
    const { resources } = await patiently('looking at the settings of topics', () =>
      admin.describeConfigs({ resources: asked, includeSynonyms: false }),
    )
    return new Map(
      resources.map(({ resourceName, configEntries }) => [
        resourceName,
        Object.fromEntries(configEntries.map(({ configName, configValue }) => [configName, configValue])),
      ]),
    )
  } catch (thrown) {
    if (causeOf(thrown).type === 'TOPIC_AUTHORIZATION_FAILED') return undefined
    throw thrown
  }
}
