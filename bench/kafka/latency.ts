import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { workStages } from '../../cli/work-stage.ts'
import { openPipeline } from '../../cli/workspace.ts'
import { startKalam, workFolder } from '../../test/system/kalam.ts'
import { type Installation, onKafka } from './installation.ts'
import { percentilesText } from './percentile.ts'
import type { Sizes } from './sizes.ts'
import { sleep } from './stage-run.ts'

const yaml = `
pipeline: latency
sources: [{ name: rows, path: rows.jsonl }]
chunkings: { tokens490: { by: tokens }, lines25: { by: lines } }
translators: { a: { backend: pseudo, chunking: tokens490 }, b: { backend: pseudo, chunking: lines25 } }
rankings: { release: { candidates: [a, b] } }
`
const steadyMs = 50
const idleMs = 1500
const hops = 5
const lostMs = 30_000

/** Rows appended to a source while everything runs, as one process and as a worker per stage: 20 a second, and one now and then. */
export async function* latency(installation: Installation, { seconds }: Sizes): AsyncGenerator<string> {
  const hop = await bareHop(installation, Math.max(20, seconds))
  yield `bare kafkajs     one transaction to its reader ${percentilesText(hop)}; a row takes ${hops} of them one after the other`
  // Nothing waits for landing, which needs a server.
  const workers = workStages.filter((stage) => stage !== 'land').map((stage) => ['work', stage])
  const ways = { 'one process': [['run', '--follow']], workers }
  for (const [name, commands] of Object.entries(ways)) {
    const folder = workFolder({ 'rows.jsonl': '' })
    const file = await onKafka(installation, folder.path, yaml)
    const running = commands.map((args) => startKalam(folder.path, args))
    const reader = await rankedReader(installation, file)
    const feed = feeding(join(folder.path, 'rows.jsonl'), reader.seen)
    for (const { child, ended } of running)
      ended.then(({ code, err }) => child.killed || feed.fail(new Error(`a process ended with ${code}: ${err}`)))
    try {
      await feed.through(1, 0)
      const steady = await feed.through((seconds * 1000) / steadyMs, steadyMs)
      yield `${name.padEnd(16)} ${1000 / steadyMs} rows/s: from ingest ${percentilesText(steady.fromIngest)}; from the file ${percentilesText(steady.fromFile)}`
      const idle = await feed.through(Math.max(3, (seconds * 1000) / idleMs / 2), idleMs)
      yield `${name.padEnd(16)} idle: from ingest ${percentilesText(idle.fromIngest)}; from the file ${percentilesText(idle.fromFile)}`
    } finally {
      for (const { child } of running) child.kill('SIGTERM')
      await Promise.all(running.map(({ ended }) => ended))
      await reader.close()
      folder.remove()
    }
  }
}

interface Seen {
  /** When the record of a row came, and its own timestamp, by row. */
  rows: Map<number, { at: number; timestamp: number }>
}

/** Appends rows and waits until they are ranked. */
const feeding = (path: string, seen: Seen) => {
  let fed = 0
  let failure: Error | undefined
  return {
    fail(error: Error) {
      failure = error
    },
    async through(count: number, everyMs: number): Promise<{ fromIngest: number[]; fromFile: number[] }> {
      const appended = new Map<number, number>()
      for (let i = 0; i < count; i++) {
        appended.set(fed, Date.now())
        const content = `Row ${fed++} says something short and of its own.`
        appendFileSync(path, `${JSON.stringify({ messages: [{ role: 'user', content }] })}\n`)
        await sleep(everyMs)
      }
      for (
        const until = Date.now() + 120_000;
        [...appended.keys()].some((row) => !seen.rows.has(row));
        await sleep(50)
      ) {
        if (failure) throw failure
        if (Date.now() > until) throw new Error(`${fed} rows were fed, ${seen.rows.size} were ranked`)
      }
      const found = [...appended].map(([row, at]) => ({ appendedAt: at, ...seen.rows.get(row)! }))
      return {
        fromIngest: found.map(({ at, timestamp }) => at - timestamp),
        fromFile: found.map(({ at, appendedAt }) => at - appendedAt),
      }
    },
  }
}

const rankedReader = async ({ brokers }: Installation, file: string) => {
  // Opening it teaches kafkajs snappy.
  const { topics, close } = await openPipeline(file, { env: process.env, create: false })
  const topic = topics.ranked('release')
  const seen: Seen = { rows: new Map() }
  const consumer = new Kafka({ brokers, logLevel: logLevel.NOTHING }).consumer({
    groupId: `${topic}.bench`,
    maxWaitTimeInMs: 1000,
    readUncommitted: false,
  })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({
    autoCommit: false,
    async eachMessage({ message }) {
      const row = Number(message.key?.toString().split('/').at(-1))
      seen.rows.set(row, { at: Date.now(), timestamp: Number(message.timestamp) })
    },
  })
  return {
    seen,
    async close() {
      await consumer.disconnect()
      await close()
    },
  }
}

/** Milliseconds from before a transaction of one record until a reader has it. */
const bareHop = async ({ brokers }: Installation, count: number): Promise<number[]> => {
  const retry = { initialRetryTime: 1, maxRetryTime: 500, retries: 25 }
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING, retry })
  const topic = `hop-${process.pid}`
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] })
  await admin.disconnect()
  const consumer = kafka.consumer({ groupId: topic, maxWaitTimeInMs: 1000, readUncommitted: false })
  const producer = kafka.producer({ transactionalId: topic, maxInFlightRequests: 1 })
  let came: () => void = () => undefined
  await Promise.all([consumer.connect(), producer.connect()])
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({ autoCommit: false, eachMessage: async () => came() })
  const ms: number[] = []
  for (let i = 0; i <= count; i++) {
    const arrived = new Promise<void>((resolve) => {
      came = resolve
    })
    const began = performance.now()
    const transaction = await producer.transaction()
    await transaction.send({ topic, messages: [{ value: 'one' }] })
    await transaction.commit()
    // kafkajs's own reader has been seen to never give one; that says nothing about the others.
    const isThere = await Promise.race([arrived.then(() => true), sleep(lostMs).then(() => false)])
    // The first one waits for the reader to join.
    if (i > 0 && isThere) ms.push(performance.now() - began)
  }
  await Promise.all([consumer.disconnect(), producer.disconnect()])
  return ms
}
