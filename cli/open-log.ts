import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { embeddedLog } from '../dataflow/embedded/embedded-log.ts'
import { localRegistry } from '../dataflow/embedded/local-registry.ts'
import { KalamError } from '../dataflow/error.ts'
import { firstPartitions } from '../dataflow/first-partitions.ts'
import type { ClusterSettings } from '../dataflow/kafka/client.ts'
import type { TopicSettings } from '../dataflow/kafka/topics.ts'
import type { Log } from '../dataflow/log.ts'
import type { LogEvents } from '../dataflow/log-events.ts'
import type { SchemaRegistry } from '../dataflow/schema-registry.ts'
import { brokerAddresses } from '../services/broker-addresses.ts'
import type { KafkaConfig, PipelineConfig } from '../services/config.ts'
import { topicNames } from '../services/topics.ts'

/** How the log of a pipeline is opened. */
export interface LogEnvironment {
  stateFolder: string
  env: NodeJS.ProcessEnv
  /** Whether schemas that a cluster's registry does not know are registered there. */
  mayRegister: boolean
  /** How long to wait for a process that has the state folder open: a command has it for a moment. */
  patienceMs?: number
  /** Whether to wait for brokers and registry as long as it takes. */
  waits: boolean
  onEvent?: LogEvents | undefined
}

/** Source, target and one candidate, with Avro around: what the largest record, or one conversation, may take. */
const bytesPerConversationByte = 4

/** How a pipeline's cluster is reached, and how its topics are made there. */
export const clusterOf = (
  config: Pick<PipelineConfig, 'limits'>,
  kafka: KafkaConfig,
  env: NodeJS.ProcessEnv,
): ClusterSettings & TopicSettings => ({
  brokers: kafka.brokers.flatMap((broker) => brokerAddresses(broker, env)),
  sessionTimeoutMs: kafka.session_timeout_s * 1000,
  replication: kafka.replication,
  minInsync: kafka.min_insync,
  maxMessageBytes: config.limits.conversation_bytes * bytesPerConversationByte,
  env,
})

/** The log and the schemas that pipeline.yaml names: in the state folder, or on a cluster. */
export const openLog = async (
  config: PipelineConfig,
  environment: LogEnvironment,
): Promise<{ log: Log; registry: SchemaRegistry }> => {
  const { stateFolder, env, onEvent } = environment
  if (config.log === 'embedded') {
    return {
      log: await whenFree(() => embeddedLog({ folder: join(stateFolder, 'log') }), environment.patienceMs ?? 0),
      registry: localRegistry({ file: join(stateFolder, 'schemas.json') }),
    }
  }
  const { kafkaLog } = await import('../dataflow/kafka/kafka-log.ts')
  const { confluentRegistry } = await import('../dataflow/kafka/confluent-registry.ts')
  const { kafka } = config.log
  const giveUpMs = environment.waits ? Number.POSITIVE_INFINITY : 30_000
  const log = kafkaLog({
    ...clusterOf(config, kafka, env),
    memberFolder: join(stateFolder, 'members'),
    giveUpMs,
    ...(onEvent && { onEvent }),
  })
  const registry = confluentRegistry({
    url: filled(kafka.registry, env),
    mayRegister: environment.mayRegister,
    giveUpMs,
    ...(onEvent && { onEvent }),
  })
  const { control } = topicNames(config.pipeline)
  return { log: firstPartitions(log, (topic) => (topic === control ? 1 : config.partitions)), registry }
}

const pollMs = 100

const whenFree = async (open: () => Log, patienceMs: number): Promise<Log> => {
  for (const until = Date.now() + patienceMs; ; await sleep(pollMs)) {
    try {
      return open()
    } catch (thrown) {
      if (!(thrown instanceof KalamError) || thrown.code !== 'state_in_use' || Date.now() > until) throw thrown
    }
  }
}

const filled = (text: string, env: NodeJS.ProcessEnv): string =>
  text.replace(/\$(\w+)/g, (_, name: string) => env[name] ?? '')
