import { type KafkaLogOptions, kafkaLog } from '../../../dataflow/kafka/kafka-log.ts'
import type { Log } from '../../../dataflow/log.ts'
import { sharedKafka } from '../../kafka/shared-kafka.ts'

/** A log on the broker of the test run, or on `brokers`, with the short session that tests want. */
export const testLog = async (options: Partial<KafkaLogOptions> = {}): Promise<Log> =>
  kafkaLog({
    brokers: options.brokers ?? (await sharedKafka()),
    ...{ sessionTimeoutMs: 3000, replication: 1, minInsync: 1, maxMessageBytes: 32 * 2 ** 20, env: {} },
    ...options,
  })
