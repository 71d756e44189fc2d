import { randomUUID } from 'node:crypto'
import { type ITopicConfig, Kafka, logLevel } from 'kafkajs'

/** A client that says nothing and tries often enough to outlast a broker's restart. */
export const client = (brokers: string[]): Kafka =>
  new Kafka({
    brokers,
    logLevel: logLevel.NOTHING,
    connectionTimeout: 3_000,
    requestTimeout: 10_000,
    retry: { initialRetryTime: 50, maxRetryTime: 500, retries: 60 },
  })

/** Makes a topic with a name of its own. */
export const newTopic = async (brokers: string[], config: Omit<ITopicConfig, 'topic'> = {}): Promise<string> => {
  const topic = `test-${randomUUID()}`
  const admin = client(brokers).admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic, numPartitions: 1, ...config }] })
  await admin.disconnect()
  return topic
}

/** Writes values to partition 0, acknowledged by all replicas in sync. */
export const produce = async (brokers: string[], topic: string, values: string[]): Promise<void> => {
  const producer = client(brokers).producer({ idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  await producer.send({ topic, messages: values.map((value) => ({ value, partition: 0 })) })
  await producer.disconnect()
}

/** Reads as many values of a topic from its start. */
export const consume = async (brokers: string[], topic: string, count: number): Promise<string[]> => {
  const consumer = client(brokers).consumer({ groupId: `test-${randomUUID()}`, maxWaitTimeInMs: 100 })
  const values: string[] = []
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  await new Promise<void>((resolve, reject) => {
    const eachMessage = async ({ message }: { message: { value: Buffer | null } }) => {
      values.push(String(message.value))
      if (values.length >= count) resolve()
    }
    consumer.run({ autoCommit: false, eachMessage }).catch(reject)
  })
  await consumer.disconnect()
  return values
}
