/** Bare kafkajs as a process of its own: `bare-kafka-main.ts <pipeline.yaml>` prints a BareKafka as JSON. */
import { Kafka, logLevel } from 'kafkajs'
import { openPipeline } from '../../cli/workspace.ts'
import { type BareKafka, bareKafka, type TopicRecords } from './bare-kafka.ts'

const [file = 'pipeline.yaml'] = process.argv.slice(2)
// Opening it teaches kafkajs snappy.
const { log, config, close } = await openPipeline(file, { env: process.env, create: false })
if (config.log === 'embedded') throw new Error(`${file} has no Kafka log`)
const topics: TopicRecords[] = []
for (const [topic, partitions] of Object.entries(await log.topics())) {
  if (!topic.startsWith(`${config.pipeline}.`)) continue
  const records: TopicRecords['records'] = []
  for (let partition = 0; partition < partitions; partition++)
    for await (const batch of log.scan(topic, partition, 0))
      for (const record of batch) records.push({ ...record, partition })
  topics.push({ topic: `bare-${topic}`, partitions, records })
}
await close()
const kafka = new Kafka({ brokers: config.log.kafka.brokers, logLevel: logLevel.NOTHING })
const result: BareKafka = await bareKafka(kafka, topics)
process.stdout.write(`${JSON.stringify(result)}\n`)
