import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { describeKafka } from './describe-kafka.ts'
import { apiKeys, type FaultProxy, faultProxy } from './fault-proxy.ts'
import { knownNodes } from './kafka-node.ts'
import { client, consume, newTopic, produce } from './records.ts'
import { type KafkaCluster, startKafka } from './start-kafka.ts'

describeKafka('a fault proxy', () => {
  let kafka: KafkaCluster
  let proxy: FaultProxy
  beforeAll(async () => {
    kafka = await startKafka()
    proxy = await faultProxy(kafka.nodes[0]!.proxyPort, kafka.nodes[0]!.advertisedPort)
  })
  afterEach(() => {
    proxy.setMode('pass')
    proxy.dropped.length = 0
  })
  afterAll(async () => {
    await proxy?.close()
    await kafka?.stop()
  })

  it('hands on what it gets, records of 32 MiB too', async () => {
    const topic = await newTopic(kafka.proxiedBrokers)
    const value = 'y'.repeat(32 * 1024 * 1024)
    await produce(kafka.proxiedBrokers, topic, ['small', value])
    const read = await consume(kafka.proxiedBrokers, topic, 2)
    expect(read.map(({ length }) => length)).toEqual([5, value.length])
  })

  it('drops the response to a produce request that the broker has done', async () => {
    const topic = await newTopic(kafka.brokers)
    proxy.dropResponses([apiKeys.Produce])
    const producer = client(kafka.proxiedBrokers).producer({ retry: { retries: 0 } })
    await producer.connect()
    await expect(producer.send({ topic, messages: [{ value: 'once', partition: 0 }] })).rejects.toThrow()
    await producer.disconnect()
    expect(proxy.dropped).toEqual([apiKeys.Produce])
    expect(await consume(kafka.brokers, topic, 1)).toEqual(['once'])
  })

  it('drops the response to a commit that the broker has done', async () => {
    const topic = await newTopic(kafka.brokers)
    const producer = client(kafka.proxiedBrokers).producer({
      transactionalId: topic,
      idempotent: true,
      maxInFlightRequests: 1,
      retry: { initialRetryTime: 10, retries: 5 },
    })
    await producer.connect()
    const transaction = await producer.transaction()
    await transaction.send({ topic, messages: [{ value: 'committed', partition: 0 }] })
    proxy.dropResponses([apiKeys.EndTxn])
    await expect(transaction.commit()).rejects.toThrow()
    await producer.disconnect()
    expect(proxy.dropped).toEqual([apiKeys.EndTxn])
    expect(await consume(kafka.brokers, topic, 1)).toEqual(['committed'])
  })

  it('drops as many responses to commits of offsets as it is told', async () => {
    const topic = await newTopic(kafka.brokers)
    const producer = client(kafka.proxiedBrokers).producer({
      transactionalId: topic,
      idempotent: true,
      maxInFlightRequests: 1,
    })
    await producer.connect()
    const transaction = await producer.transaction()
    await transaction.send({ topic, messages: [{ value: 'record', partition: 0 }] })
    proxy.dropResponses([apiKeys.TxnOffsetCommit], 2)
    const offsets = { consumerGroupId: topic, topics: [{ topic, partitions: [{ partition: 0, offset: '7' }] }] }
    for (let i = 0; i < 2; i++) await expect(transaction.sendOffsets(offsets)).rejects.toThrow()
    await transaction.commit()
    await producer.disconnect()
    expect(proxy.dropped).toEqual([apiKeys.TxnOffsetCommit, apiKeys.TxnOffsetCommit])
    const admin = client(kafka.brokers).admin()
    await admin.connect()
    const [committed] = await admin.fetchOffsets({ groupId: topic, topics: [topic] })
    await admin.disconnect()
    expect(committed?.partitions[0]?.offset).toBe('7')
  })

  it('delivers nothing as a blackhole and all of it afterwards', async () => {
    const topic = await newTopic(kafka.brokers)
    const producer = client(kafka.proxiedBrokers).producer({ idempotent: true, maxInFlightRequests: 1 })
    await producer.connect()
    await producer.send({ topic, messages: [{ value: 'before', partition: 0 }] })
    proxy.setMode('blackhole')
    const sending = producer.send({ topic, messages: [{ value: 'after', partition: 0 }] }).then(() => 'sent')
    expect(await Promise.race([sending, sleep(500, 'waiting')])).toBe('waiting')
    expect(await consume(kafka.brokers, topic, 1)).toEqual(['before'])
    proxy.setMode('pass')
    expect(await sending).toBe('sent')
    await producer.disconnect()
    expect(await consume(kafka.brokers, topic, 2)).toEqual(['before', 'after'])
  })

  it('keeps new connections open as a blackhole without an answer', async () => {
    proxy.setMode('blackhole')
    const asked = knownNodes(kafka.proxiedBrokers[0]!)
    expect(await Promise.race([asked, sleep(500, 'waiting')])).toBe('waiting')
    proxy.setMode('pass')
    expect(await asked).toEqual([1])
  })

  it('resets old and new connections when it refuses', async () => {
    const admin = client(kafka.proxiedBrokers).admin({ retry: { retries: 0 } })
    await admin.connect()
    expect(await admin.listTopics()).toBeInstanceOf(Array)
    proxy.setMode('refuse')
    await expect(admin.listTopics()).rejects.toThrow()
    expect(await knownNodes(kafka.proxiedBrokers[0]!)).toEqual([])
    expect(await knownNodes(kafka.brokers[0]!)).toEqual([1])
    proxy.setMode('pass')
    expect(await knownNodes(kafka.proxiedBrokers[0]!)).toEqual([1])
    await admin.disconnect()
  })
})
