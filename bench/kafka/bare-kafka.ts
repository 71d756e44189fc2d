import { CompressionTypes, type Kafka } from 'kafkajs'
import type { LogRecord } from '../../dataflow/log.ts'

/** Records to be written to a topic that does not exist yet. */
export interface TopicRecords {
  topic: string
  partitions: number
  records: (LogRecord & { partition: number })[]
}

/** What bare kafkajs took for writing and reading all records once. */
export interface BareKafka {
  records: number
  bytes: number
  seconds: number
  cpuSeconds: number
}

const batchRecords = 500

/** Writes records in batches of 500 with snappy, and reads them at the same time in one group, as they come. */
export const bareKafka = async (kafka: Kafka, topics: TopicRecords[]): Promise<BareKafka> => {
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({
    topics: topics.map(({ topic, partitions }) => ({
      topic,
      numPartitions: partitions,
      configEntries: [{ name: 'max.message.bytes', value: String(32 * 2 ** 20) }],
    })),
  })
  await admin.disconnect()
  const expected = topics.reduce((sum, { records }) => sum + records.length, 0)
  const reader = await readingAll(kafka, topics)
  const producer = kafka.producer({ allowAutoTopicCreation: false })
  await producer.connect()

  const cpu = process.cpuUsage()
  const started = performance.now()
  let bytes = 0
  for (const { topic, records } of topics) {
    for (let at = 0; at < records.length; at += batchRecords) {
      const messages = records.slice(at, at + batchRecords).map(({ partition, key, value, headers, timestamp }) => {
        bytes += value.length
        return { partition, key, value: Buffer.from(value), headers, timestamp: String(timestamp) }
      })
      await producer.sendBatch({ acks: -1, compression: CompressionTypes.Snappy, topicMessages: [{ topic, messages }] })
    }
  }
  await reader.until(expected)
  const seconds = (performance.now() - started) / 1000
  const { user, system } = process.cpuUsage(cpu)
  await Promise.all([producer.disconnect(), reader.close()])
  return { records: expected, bytes, seconds, cpuSeconds: (user + system) / 1e6 }
}

const readingAll = async (kafka: Kafka, topics: TopicRecords[]) => {
  const consumer = kafka.consumer({ groupId: topics[0]?.topic ?? 'bare', maxWaitTimeInMs: 250 })
  let read = 0
  let wanted = Number.POSITIVE_INFINITY
  let all: () => void = () => undefined
  const done = new Promise<void>((resolve) => {
    all = resolve
  })
  const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve))
  await consumer.connect()
  await consumer.subscribe({ topics: topics.map(({ topic }) => topic), fromBeginning: true })
  await consumer.run({
    autoCommit: false,
    async eachBatch({ batch }) {
      read += batch.messages.length
      if (read >= wanted) all()
    },
  })
  await joined
  return {
    async until(count: number) {
      wanted = count
      if (read < wanted) await done
    },
    close: () => consumer.disconnect(),
  }
}
