import type { Kafka } from 'kafkajs'
import { describe, expect, it } from 'vitest'
import { kafkaClients } from '../../../dataflow/kafka/client.ts'
import { clusterOf, coordinatorTypes, retryEverywhere } from '../../../dataflow/kafka/kafkajs-internals.ts'
import { describeKafka } from '../../kafka/describe-kafka.ts'
import { sharedKafka } from '../../kafka/shared-kafka.ts'
import { testLog } from './test-log.ts'

describeKafka('a producer', () => {
  it('asks for its coordinators once, not in every transaction', async () => {
    const log = await testLog()
    await log.createTopics([{ topic: 'coordinators.out', partitions: 1 }])
    // A new broker finds coordinators that are not ready yet.
    const member = await log.join({ group: 'coordinators', inputs: ['coordinators.out'], work: async () => undefined })
    await member.done
    await log.close()
    const { writing } = kafkaClients({ brokers: await sharedKafka(), sessionTimeoutMs: 3000, env: {} })
    const producer = writing.producer({ transactionalId: 'coordinators', maxInFlightRequests: 1 })
    let asked = 0
    producer.on(producer.events.REQUEST, ({ payload }) => {
      if (payload.apiName === 'GroupCoordinator') asked++
    })
    await producer.connect()
    const transactions = 20
    for (let i = 0; i < transactions; i++) {
      const transaction = await producer.transaction()
      await transaction.send({ topic: 'coordinators.out', messages: [{ value: 'one', partition: 0 }] })
      const topics = [{ topic: 'coordinators.out', partitions: [{ partition: 0, offset: String(i) }] }]
      await transaction.sendOffsets({ consumerGroupId: 'coordinators', topics })
      await transaction.commit()
    }
    await producer.disconnect()
    // Of the transactional id and of the group, and again where one was not ready yet.
    expect(asked).toBeGreaterThanOrEqual(2)
    expect(asked).toBeLessThanOrEqual(6)
  })
})

/** A client whose clusters find coordinators as kafkajs does, and count how often they ask. */
const countingClient = (fails: { end?: string; find?: boolean }) => {
  let asked = 0
  const cluster = {
    async findGroupCoordinatorMetadata(_options: object) {
      asked++
      return { coordinator: { nodeId: asked } }
    },
    async findBroker({ nodeId }: { nodeId: number }) {
      if (fails.find) throw new Error('no such broker')
      return { nodeId, endTxn: async () => (fails.end ? Promise.reject({ type: fails.end }) : 'ended') }
    },
    async findGroupCoordinator(options: object) {
      const { coordinator } = await this.findGroupCoordinatorMetadata(options)
      return this.findBroker(coordinator)
    },
  }
  const kafka = { [Symbol('private:Kafka:createCluster')]: () => cluster } as unknown as Kafka
  const made = clusterOf(retryEverywhere(kafka, {}), { metadataMaxAgeMs: 1 })
  const find = () => made.findGroupCoordinator({ groupId: 'id', coordinatorType: coordinatorTypes.transaction })
  return { find, asked: () => asked }
}
const producing = { transactionalId: 'id', producerId: '1', producerEpoch: 0, transactionResult: true }

describe('a coordinator', () => {
  it('is remembered, also when the transaction before is not over yet', async () => {
    const fails: { end?: string } = {}
    const { find, asked } = countingClient(fails)
    expect(await (await find()).endTxn(producing)).toBe('ended')
    fails.end = 'CONCURRENT_TRANSACTIONS'
    await expect((await find()).endTxn(producing)).rejects.toMatchObject({ type: fails.end })
    await find()
    expect(asked()).toBe(1)
  })

  it('is asked for anew when a call to it fails', async () => {
    const { find, asked } = countingClient({ end: 'NOT_COORDINATOR_FOR_GROUP' })
    const first = await find()
    await expect(first.endTxn(producing)).rejects.toBeDefined()
    const second = await find()
    expect([first, second].map((broker) => (broker as unknown as { nodeId: number }).nodeId)).toEqual([1, 2])
    expect(asked()).toBe(2)
  })

  it('is asked for anew when its broker cannot be found', async () => {
    const fails = { find: true }
    const { find, asked } = countingClient(fails)
    await expect(find()).rejects.toThrow('no such broker')
    fails.find = false
    await find()
    expect(asked()).toBe(2)
  })
})
