import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { clusterOf, coordinatorTypes } from '../../../dataflow/kafka/kafkajs-internals.ts'
import type { Log } from '../../../dataflow/log.ts'
import { freshName, keysOf, outputOf, scanAll } from '../../contract/log/bench.ts'
import { describeKafka } from '../../kafka/describe-kafka.ts'
import { apiKeys, type FaultProxy, faultProxy } from '../../kafka/fault-proxy.ts'
import { client, newTopic } from '../../kafka/records.ts'
import { type KafkaCluster, startKafka } from '../../kafka/start-kafka.ts'
import { testLog } from './test-log.ts'

/** Broker 2 dies with what was sent to it while broker 1 has answered, which then leads both partitions. */
describeKafka('a leader that moves while records are sent to two partitions', () => {
  let kafka: KafkaCluster
  let proxies: FaultProxy[] = []
  let topic: string
  beforeAll(async () => {
    kafka = await startKafka({ nodes: 3 })
    proxies = await Promise.all(kafka.nodes.map((node) => faultProxy(node.proxyPort, node.advertisedPort)))
  }, 120_000)
  afterAll(async () => {
    await Promise.all(proxies.map((proxy) => proxy.close()))
    await kafka?.stop()
  })
  beforeEach(async () => {
    topic = await newTopic(kafka.brokers, {
      numPartitions: -1,
      replicationFactor: -1,
      replicaAssignment: [
        { partition: 0, replicas: [1, 3] },
        { partition: 1, replicas: [2, 1] },
      ],
      configEntries: [{ name: 'min.insync.replicas', value: '1' }],
    })
  }, 60_000)

  /** A transactional id that the second broker does not coordinate: the transaction itself is to go on. */
  const idElsewhere = async (): Promise<string> => {
    const cluster = clusterOf(client(kafka.brokers), { metadataMaxAgeMs: 60_000 })
    await cluster.connect()
    for (;;) {
      const groupId = freshName('writer')
      const asked = { groupId, coordinatorType: coordinatorTypes.transaction }
      const { port } = (await cluster.findGroupCoordinator(asked)).connectionPool
      if (kafka.nodes[1]!.address.endsWith(`:${port}`)) continue
      await cluster.disconnect()
      return groupId
    }
  }
  const whileItMoves = async (sending: () => Promise<unknown>): Promise<void> => {
    const [second, proxy] = [kafka.nodes[1]!, proxies[1]!]
    proxy.swallow([apiKeys.Produce])
    const sent = sending()
    await sleep(1000)
    await second.kill()
    proxy.setMode('refuse')
    await sent
    await second.start()
    proxy.setMode('pass')
    proxy.swallow([])
  }

  it('makes kafkajs leave out records that it calls written', async () => {
    const producer = client(kafka.proxiedBrokers).producer({
      transactionalId: await idElsewhere(),
      ...{ idempotent: true, maxInFlightRequests: 1, retry: { initialRetryTime: 100, retries: 60 } },
    })
    await producer.connect()
    const first = await producer.transaction()
    const both = (key: string) => [0, 1].map((partition) => ({ partition, key, value: key }))
    await first.send({ topic, messages: both('before') })
    await first.commit()
    const transaction = await producer.transaction()
    await whileItMoves(() => transaction.send({ topic, messages: both('moved') }))
    await transaction.commit()
    await producer.disconnect()
    const log = await testLog({ brokers: kafka.brokers })
    expect(keysOf(await scanAll(log, topic))).toEqual(['before', 'moved'])
    expect(keysOf(await scanAll(log, topic, { partition: 1 }))).toEqual(['before'])
    await log.close()
  }, 120_000)

  it('costs the log no record, and doubles none', async () => {
    const log: Log = await testLog({ brokers: kafka.proxiedBrokers })
    const writer = await log.writer(await idElsewhere())
    const both = (key: string) => [0, 1].map((partition) => outputOf(topic, { partition, key }))
    await writer.commit(both('before'))
    await whileItMoves(() => writer.commit(both('moved')))
    for (const partition of [0, 1])
      expect(keysOf(await scanAll(log, topic, { partition }))).toEqual(['before', 'moved'])
    await log.close()
  }, 120_000)
})
