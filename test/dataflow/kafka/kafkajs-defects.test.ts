import { setTimeout as sleep } from 'node:timers/promises'
import type { Consumer, Producer, ProducerConfig } from 'kafkajs'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { openConnections } from '../../../dataflow/kafka/connections.ts'
import { topicOffsets } from '../../../dataflow/kafka/offsets.ts'
import type { Log } from '../../../dataflow/log.ts'
import {
  freshName,
  joinByHand,
  keysOf,
  numberedKeys,
  outputOf,
  readRecords,
  scanAll,
} from '../../contract/log/bench.ts'
import { describeKafka } from '../../kafka/describe-kafka.ts'
import { apiKeys, type FaultProxy, faultProxy } from '../../kafka/fault-proxy.ts'
import { client, consume, newTopic } from '../../kafka/records.ts'
import { type KafkaCluster, startKafka } from '../../kafka/start-kafka.ts'
import { testLog } from './test-log.ts'

// In tests it waits 50 ms where it waits 300 ms otherwise; it looks when it is loaded.
vi.hoisted(() => {
  process.env.NODE_ENV = 'production'
})

/** Each test shows what kafkajs does when it is used as its pages say, and that the log does not. */
describeKafka('a defect of kafkajs', () => {
  let kafka: KafkaCluster
  let proxy: FaultProxy
  let log: Log
  const open: { disconnect(): Promise<void> }[] = []
  beforeAll(async () => {
    kafka = await startKafka()
    proxy = await faultProxy(kafka.nodes[0]!.proxyPort, kafka.nodes[0]!.advertisedPort)
  })
  beforeEach(async () => {
    log = await testLog({ brokers: kafka.proxiedBrokers })
  })
  afterEach(async () => {
    proxy.dropResponses([], 0)
    proxy.dropped.length = 0
    await Promise.all([log.close(), ...open.splice(0).map((one) => one.disconnect().catch(() => undefined))])
  })
  afterAll(async () => {
    await proxy?.close()
    await kafka?.stop()
  })

  const producerOf = async (config: ProducerConfig, brokers = kafka.brokers): Promise<Producer> => {
    const producer = client(brokers).producer(config)
    open.push(producer)
    await producer.connect()
    return producer
  }
  const consumerOf = (groupId: string, sessionTimeout = 10_000): Consumer => {
    const consumer = client(kafka.brokers).consumer({
      ...{ groupId, sessionTimeout, heartbeatInterval: 300, maxWaitTimeInMs: 100 },
    })
    open.push(consumer)
    return consumer
  }
  const once = (consumer: Consumer) =>
    new Promise<void>((resolve) => void consumer.on(consumer.events.GROUP_JOIN, () => resolve()))

  it('shows aborted records where two producers overlap; the log does not', async () => {
    const topic = await newTopic(kafka.brokers)
    const config = { idempotent: true, maxInFlightRequests: 1, retry: { initialRetryTime: 10, retries: 50 } }
    const [a, b] = [
      await producerOf({ ...config, transactionalId: `${topic}-a` }),
      await producerOf({ ...config, transactionalId: `${topic}-b` }),
    ]
    const [one, two] = [await a.transaction(), await b.transaction()]
    const send = (to: Pick<Producer, 'send'>, key: string) =>
      to.send({ topic, messages: [{ partition: 0, key, value: key }] })
    await send(one, 'aborted-1')
    await send(two, 'aborted-2')
    await send(one, 'aborted-3')
    await send(two, 'aborted-4')
    await two.abort()
    // Its answer comes before its marker; kafkajs goes wrong where the marker stands before the other one.
    const connections = openConnections(client(kafka.brokers))
    open.push({ disconnect: () => connections.close() })
    while ((await topicOffsets(connections, topic, 'written'))[0]! < 5) await sleep(10)
    await send(one, 'aborted-5')
    await one.abort()
    const last = await a.transaction()
    for (const key of numberedKeys(9)) await send(last, key)
    await last.commit()
    expect((await consume(kafka.brokers, topic, 9)).join(' ')).toMatch(/aborted/)
    expect(keysOf(await scanAll(log, topic))).toEqual(numberedKeys(9))
    const { task } = await joinByHand(log, { inputs: [topic] })
    expect(keysOf(await readRecords(await task(), topic, 9))).toEqual(numberedKeys(9))
  })

  it('loses and doubles records when a response is lost; the log does not', async () => {
    const producer = await producerOf(
      { idempotent: true, retry: { initialRetryTime: 100, retries: 10 } },
      kafka.proxiedBrokers,
    )
    const seen = { lost: 0, doubled: 0 }
    for (let round = 0; round < 5 && seen.lost + seen.doubled === 0; round++) {
      const topic = await newTopic(kafka.brokers)
      const send = (value: string) => producer.send({ topic, messages: [{ partition: 0, value }] })
      await send('first')
      proxy.dropResponses([apiKeys.Produce])
      const sent = await Promise.allSettled(numberedKeys(6).map(send))
      const acknowledged = numberedKeys(6).filter((_, i) => sent[i]?.status === 'fulfilled')
      await send('last')
      const written = (await scanAll(log, topic)).map(({ value }) => value.toString())
      seen.lost += acknowledged.filter((value) => !written.includes(value)).length
      seen.doubled += written.length - new Set(written).size
    }
    expect(seen.lost + seen.doubled).toBeGreaterThan(0)

    const topic = await newTopic(kafka.brokers)
    const writer = await log.writer(freshName('writer'))
    await writer.commit([outputOf(topic, { key: 'first' })])
    proxy.dropped.length = 0
    proxy.dropResponses([apiKeys.Produce])
    await Promise.all(numberedKeys(6).map((key) => writer.commit([outputOf(topic, { key })])))
    expect(proxy.dropped).toEqual([apiKeys.Produce])
    expect(keysOf(await scanAll(log, topic))).toEqual(['first', ...numberedKeys(6)])
  })

  it('makes a producer useless whose commit got no answer; a task goes on', async () => {
    const [input, output] = [await newTopic(kafka.brokers), await newTopic(kafka.brokers)]
    const producer = await producerOf(
      { transactionalId: input, idempotent: true, maxInFlightRequests: 1, retry: { initialRetryTime: 10, retries: 5 } },
      kafka.proxiedBrokers,
    )
    const transaction = await producer.transaction()
    await transaction.send({ topic: input, messages: [{ partition: 0, value: 'value', key: 'key' }] })
    proxy.dropResponses([apiKeys.EndTxn])
    await expect(transaction.commit()).rejects.toThrow()
    for (let i = 0; i < 3; i++) await expect(producer.transaction()).rejects.toThrow(/state/i)

    const lives: number[] = []
    const committed = new Promise<void>((resolve) => {
      void log.join({
        group: freshName('group'),
        inputs: [input],
        output,
        async work(task) {
          lives.push(task.start[input]!)
          if (lives.length === 1) proxy.dropResponses([apiKeys.EndTxn])
          for (;;) {
            const records = await task.read(input, 1000)
            const last = records.at(-1)
            if (!last) return
            await task.commit([outputOf(output, { key: last.key })], { [input]: last.offset + 1 })
            if (last.key === 'next') resolve()
          }
        },
      })
    })
    while (lives.length < 2) await sleep(50)
    await (await log.writer(freshName('writer'))).commit([outputOf(input, { key: 'next' })])
    await committed
    expect(proxy.dropped).toEqual([apiKeys.EndTxn, apiKeys.EndTxn])
    expect(keysOf(await scanAll(log, output))).toEqual(['key', 'next'])
    expect(lives[0]).toBe(0)
    expect(lives[1]).toBeGreaterThan(0)
  })

  it('lets a long handler hold up a whole group; a task does not', async () => {
    const topic = await newTopic(kafka.brokers, { numPartitions: 2 })
    await (await log.writer(freshName('writer'))).commit([outputOf(topic), outputOf(topic, { partition: 1 })])
    const groupId = freshName('group')
    const [slow, second] = [consumerOf(groupId), consumerOf(groupId)]
    let release = () => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    let isHeld = () => {}
    const held = new Promise<void>((resolve) => {
      isHeld = resolve
    })
    const run = async (consumer: Consumer) => {
      await consumer.connect()
      await consumer.subscribe({ topic, fromBeginning: true })
      const eachMessage = async () => {
        isHeld()
        await released
      }
      await consumer.run({ autoCommit: false, eachMessage })
    }
    await run(slow)
    await held
    const joined = once(second).then(() => 'joined')
    void run(second)
    expect(await Promise.race([joined, sleep(3000, 'held up')])).toBe('held up')
    release()
    expect(await joined).toBe('joined')

    const group = freshName('group')
    const busy = await joinByHand(log, { group, inputs: [topic] })
    await readRecords(await busy.task(0), topic, 1)
    const other = await testLog({ brokers: kafka.brokers })
    open.push({ disconnect: () => other.close() })
    const { task } = await joinByHand(other, { group, inputs: [topic] })
    const moved = await Promise.race([task(0), task(1)])
    expect([0, 1]).toContain(moved.partition)
  })

  it('delivers records again after every rejoin; a task does not', async () => {
    const topic = await newTopic(kafka.brokers, { numPartitions: 2 })
    const writer = await log.writer(freshName('writer'))
    const both = (name: string) =>
      [0, 1].flatMap((partition) => numberedKeys(5, name).map((key) => outputOf(topic, { partition, key })))
    await writer.commit(both('early'))
    const groupId = freshName('group')
    const first = consumerOf(groupId)
    const seen: string[] = []
    await first.connect()
    await first.subscribe({ topic, fromBeginning: true })
    const eachMessage = async ({ partition, message }: { partition: number; message: { key: Buffer | null } }) => {
      seen.push(`${partition} ${message.key}`)
    }
    await first.run({ autoCommit: false, eachMessage })
    while (seen.length < 10) await sleep(20)
    const second = consumerOf(groupId)
    await second.connect()
    await second.subscribe({ topic, fromBeginning: true })
    await second.run({ autoCommit: false, eachMessage: async () => undefined })
    for (const until = Date.now() + 20_000; seen.length < 15 && Date.now() < until; ) await sleep(20)
    expect(seen.length).toBeGreaterThanOrEqual(15)
    expect(new Set(seen).size).toBe(10)

    const group = freshName('group')
    const own = await joinByHand(log, { group, inputs: [topic] })
    const tasks = [await own.task(0), await own.task(1)]
    for (const task of tasks) await readRecords(task, topic, 5)
    const other = await testLog({ brokers: kafka.brokers })
    open.push({ disconnect: () => other.close() })
    const { task } = await joinByHand(other, { group, inputs: [topic] })
    const moved = await Promise.race([task(0), task(1)])
    const kept = tasks[1 - moved.partition]!
    await writer.commit(both('late'))
    expect(keysOf(await readRecords(kept, topic, 5))).toEqual(numberedKeys(5, 'late'))
    expect(kept.signal.aborted).toBe(false)
  })

  it('waits 300 ms for the end of another transaction, whatever it is told; the log does not', async () => {
    const topic = await newTopic(kafka.brokers)
    const retry = { initialRetryTime: 1, maxRetryTime: 500, retries: 25 }
    /** Who opens next is told CONCURRENT_TRANSACTIONS until the one that was left open is aborted. */
    const shortest = async (rounds: number, fence: (transactionalId: string) => Promise<void>) => {
      const times: number[] = []
      for (let round = 0; round < rounds; round++) {
        const transactionalId = freshName('producer')
        const before = await producerOf({ transactionalId, maxInFlightRequests: 1, retry })
        const transaction = await before.transaction()
        await transaction.send({ topic, messages: [{ partition: 0, value: 'open' }] })
        const started = performance.now()
        await fence(transactionalId)
        times.push(performance.now() - started)
      }
      return Math.min(...times)
    }
    const naive = await shortest(3, async (transactionalId) => {
      await (await producerOf({ transactionalId, maxInFlightRequests: 1, retry })).transaction()
    })
    const own = await shortest(6, async (id) => {
      await log.writer(id)
    })
    // 300 ms, and up to a fifth less by chance.
    expect(naive).toBeGreaterThan(239)
    expect(own).toBeLessThan(naive)
  })

  it('waits 300 ms when the end of the transaction before is not written yet; the log asks again at once', async () => {
    const topic = await newTopic(kafka.brokers)
    const rounds = 5
    /** The shortest of some transactions each of which is told CONCURRENT_TRANSACTIONS once. */
    const shortest = async (commit: () => Promise<unknown>): Promise<number> => {
      await commit()
      const times: number[] = []
      for (let round = 0; round < rounds; round++) {
        proxy.spoilResponses(apiKeys.AddPartitionsToTxn, concurrentTransactions, 1)
        const started = performance.now()
        await commit()
        times.push(performance.now() - started)
      }
      return Math.min(...times)
    }
    // Its default; the client of these tests has another.
    const retry = { initialRetryTime: 300 }
    const config = { transactionalId: freshName('producer'), maxInFlightRequests: 1, retry }
    const producer = await producerOf(config, kafka.proxiedBrokers)
    const naive = await shortest(async () => {
      const transaction = await producer.transaction()
      await transaction.send({ topic, messages: [{ partition: 0, value: 'value' }] })
      await transaction.commit()
    })
    const writer = await log.writer(freshName('writer'))
    const own = await shortest(() => writer.commit([outputOf(topic)]))
    expect(naive).toBeGreaterThan(239)
    expect(own).toBeLessThan(naive)
    expect(await scanAll(log, topic)).toHaveLength(2 * (rounds + 1))
  })
})

const concurrentTransactions = 51
