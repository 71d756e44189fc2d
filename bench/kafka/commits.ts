import { readFileSync } from 'node:fs'
import { CompressionTypes, Kafka, logLevel } from 'kafkajs'
import { openPipeline } from '../../cli/workspace.ts'
import type { Log, OutputRecord } from '../../dataflow/log.ts'
import { benchFolder } from '../workspace.ts'
import { type Installation, onKafka } from './installation.ts'
import { percentilesText } from './percentile.ts'
import type { Sizes } from './sizes.ts'

const yaml = `
pipeline: commits
sources: [{ name: chat, path: data }]
chunkings: { lines25: { by: lines } }
translators: { a: { backend: pseudo, chunking: lines25 } }
rankings: { release: { candidates: [a] } }
`
const valueBytes = 2048

interface Took {
  commits: number
  seconds: number
  ms: number[]
}

/** Transactions of tasks with a position each, through the port, beside those of bare kafkajs producers without one. */
export async function* commits(installation: Installation, { commits: count }: Sizes): AsyncGenerator<string> {
  const folder = benchFolder(1)
  try {
    const texts = folder.files.map((path) => readFileSync(path))
    const value = Buffer.concat(texts).subarray(0, 4_000_000)
    const values = Array.from({ length: 1000 }, (_, i) => value.subarray(i * 400, i * 400 + valueBytes))
    const file = await onKafka(installation, folder.path, yaml)
    const { log, topics, close } = await openPipeline(file, { env: process.env, create: false })
    const kafka = new Kafka({
      brokers: installation.brokers,
      logLevel: logLevel.NOTHING,
      retry: { initialRetryTime: 1, maxRetryTime: 500, retries: 25 },
    })
    const input = topics.messages
    const output = topics.ranked('release')
    await filled(log, input, count)
    for (const tasks of [1, 4]) {
      for (const records of [20, 200, 1000]) {
        const outputs = (partition: number) => values.slice(0, records).map((one) => recordOf(output, partition, one))
        const port = await throughPort(log, { group: `${input}.${tasks}.${records}`, input, tasks, count, outputs })
        const bare = await throughKafkajs(kafka, { id: `${input}.bare.${tasks}.${records}`, tasks, count, outputs })
        const speed = (took: Took) => took.commits / took.seconds
        yield `${tasks} task${tasks > 1 ? 's' : ' '} x ${String(records).padEnd(4)} ${told(port, records)}; kafkajs ${told(bare, records)}; ratio ${(speed(port) / speed(bare)).toFixed(2)}`
      }
    }
    await close()
  } finally {
    folder.remove()
  }
}

const told = ({ commits: count, seconds, ms }: Took, records: number): string =>
  `${(count / seconds).toFixed(0)}/s, ${((count * records * valueBytes) / seconds / 1e6).toFixed(1)} MB/s, ${percentilesText(ms)}`

const recordOf = (topic: string, partition: number, value: Uint8Array): OutputRecord => ({
  ...{ topic, partition, key: 'chat/everyday/12', value, timestamp: 1_700_000_000_000 },
  headers: { ordinal: '12', index: '0', count: '1', position: '13' },
})

/** Positions need records to stand behind. */
const filled = async (log: Log, topic: string, count: number): Promise<void> => {
  const writer = await log.writer(`${topic}.fill`)
  const value = new Uint8Array([1])
  for (let partition = 0; partition < 4; partition++)
    await writer.commit(Array.from({ length: count }, () => recordOf(topic, partition, value)))
  await writer.close()
}

interface Asked {
  tasks: number
  count: number
  outputs(partition: number): OutputRecord[]
}

const throughPort = async (
  log: Log,
  { group, input, tasks, count, outputs }: Asked & { group: string; input: string },
): Promise<Took> => {
  const took: Took = { commits: 0, seconds: 0, ms: [] }
  const all = startTogether(tasks)
  let started = 0
  const membership = await log.join({
    group,
    inputs: [input],
    async work(task) {
      const mine = outputs(task.partition)
      if (task.partition >= tasks) return
      await task.commit(mine, { [input]: 1 })
      await all()
      started ||= performance.now()
      for (let i = 0; i < count; i++) {
        const began = performance.now()
        await task.commit(mine, { [input]: i + 2 })
        took.ms.push(performance.now() - began)
      }
      took.commits += count
      took.seconds = (performance.now() - started) / 1000
    },
  })
  await membership.done
  return took
}

const throughKafkajs = async (kafka: Kafka, { id, tasks, count, outputs }: Asked & { id: string }): Promise<Took> => {
  const took: Took = { commits: 0, seconds: 0, ms: [] }
  const all = startTogether(tasks)
  let started = 0
  const work = async (partition: number) => {
    const producer = kafka.producer({
      ...{ transactionalId: `${id}.${partition}`, maxInFlightRequests: 1, allowAutoTopicCreation: false },
    })
    await producer.connect()
    const mine = outputs(partition).map(({ value, timestamp, ...output }) => ({
      ...{ ...output, value: Buffer.from(value), timestamp: String(timestamp) },
    }))
    const commit = async () => {
      const transaction = await producer.transaction()
      await transaction.sendBatch({
        ...{ acks: -1, compression: CompressionTypes.Snappy },
        topicMessages: [{ topic: outputs(partition)[0]!.topic, messages: mine }],
      })
      await transaction.commit()
    }
    await commit()
    await all()
    started ||= performance.now()
    for (let i = 0; i < count; i++) {
      const began = performance.now()
      await commit()
      took.ms.push(performance.now() - began)
    }
    took.commits += count
    took.seconds = (performance.now() - started) / 1000
    await producer.disconnect()
  }
  await Promise.all(Array.from({ length: tasks }, (_, partition) => work(partition)))
  return took
}

/** Lets so many callers go on once all have come. */
const startTogether = (count: number): (() => Promise<void>) => {
  let missing = count
  let open: () => void = () => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return () => {
    if (--missing === 0) open()
    return opened
  }
}
