import type { TopicSpec } from '../log.ts'
import { type TopicSettings, topicConfig } from './topics.ts'

/** A topic as it is on a cluster. */
export interface FoundTopic {
  partitions: number
  /** The fewest copies that any of its partitions has. */
  copies: number
  /** Its settings by name; undefined where the user may not see them. */
  config: Record<string, string | undefined> | undefined
}

/** Something in which a topic is not as kalam makes it. */
export interface TopicDifference {
  topic: string
  text: string
  /** Whether records are lost by it, or refused. */
  isHarmful: boolean
}

/** In what a topic differs from what would be made, what does harm first. */
export const differencesOf = (spec: TopicSpec, found: FoundTopic, settings: TopicSettings): TopicDifference[] => {
  const { topic, partitions } = spec
  const differences: TopicDifference[] = []
  const tell = (isHarmful: boolean, text: string) => differences.push({ topic, text, isHarmful })
  if (found.partitions < partitions)
    tell(true, `it has ${counted(found.partitions, 'partition')}, and ${partitions} are written to`)
  if (found.partitions > partitions)
    tell(false, `it has ${counted(found.partitions, 'partition')}, of which ${partitions} are used`)
  if (found.copies < settings.replication)
    tell(false, `it has ${found.copies} of the ${settings.replication} copies of log.kafka.replication`)
  if (found.config) tellConfig(spec, { ...found, config: found.config }, settings, tell)
  return differences.sort((a, b) => Number(b.isHarmful) - Number(a.isHarmful))
}

const tellConfig = (
  spec: TopicSpec,
  { config, copies }: FoundTopic & { config: Record<string, string | undefined> },
  settings: TopicSettings,
  tell: (isHarmful: boolean, text: string) => void,
): void => {
  const made = topicConfig(spec, settings)
  const differs = (name: keyof typeof made) => `${name} is ${config[name]}, not ${made[name]}`
  const policies = (config['cleanup.policy'] ?? '').split(',')
  const compacts = policies.includes('compact') && !spec.compacted
  if (compacts) tell(true, `${differs('cleanup.policy')}: all but the last record of each key are deleted`)
  else if (config['cleanup.policy'] !== made['cleanup.policy']) tell(false, differs('cleanup.policy'))
  for (const name of ['retention.ms', 'retention.bytes'] as const)
    if (policies.includes('delete') && Number(config[name]) >= 0) tell(true, `${differs(name)}: records are deleted`)
  if (Number(config['max.message.bytes']) < settings.maxMessageBytes)
    tell(true, `${differs('max.message.bytes')}: the largest conversations of limits.conversation_bytes are refused`)
  const inSync = Number(config['min.insync.replicas'])
  if (inSync > copies)
    tell(true, `min.insync.replicas is ${inSync}, and it has ${copies} copies: all writes are refused`)
  else if (inSync < settings.minInsync)
    tell(true, `${differs('min.insync.replicas')}: records that fewer brokers have count as written, and may be lost`)
  else if (inSync > settings.minInsync) tell(false, differs('min.insync.replicas'))
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`
