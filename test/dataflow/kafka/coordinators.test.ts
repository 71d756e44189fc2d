import { expect, it } from 'vitest'
import { kafkaClients } from '../../../dataflow/kafka/client.ts'
import { describeKafka } from '../../kafka/describe-kafka.ts'
import { sharedKafka } from '../../kafka/shared-kafka.ts'
import { testLog } from './test-log.ts'

describeKafka('a producer', () => {
  it('asks for its coordinators about once a second, not in every transaction', async () => {
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
    const began = performance.now()
    for (let i = 0; i < transactions; i++) {
      const transaction = await producer.transaction()
      await transaction.send({ topic: 'coordinators.out', messages: [{ value: 'one', partition: 0 }] })
      const topics = [{ topic: 'coordinators.out', partitions: [{ partition: 0, offset: String(i) }] }]
      await transaction.sendOffsets({ consumerGroupId: 'coordinators', topics })
      await transaction.commit()
    }
    const seconds = (performance.now() - began) / 1000
    await producer.disconnect()
    // Of the transactional id and of the group.
    expect(asked).toBeGreaterThan(0)
    expect(asked).toBeLessThanOrEqual(2 * (1 + Math.ceil(seconds)))
  })
})
