import { Kafka, logLevel } from 'kafkajs'
import { type Broker, clusterOf, coordinatorTypes } from '../../../dataflow/kafka/kafkajs-internals.ts'
import { patiently } from '../../../dataflow/kafka/patience.ts'

/** A transaction of a task, and how it ended. */
export interface LostMarkers {
  brokers: string[]
  group: string
  input: string
  output: string
  /** A topic where the transaction has its marker. */
  elsewhere: string
  committed: boolean
}

type Raw = Broker & {
  produce(request: object): Promise<unknown>
  txnOffsetCommit(request: object): Promise<unknown>
}

/**
 * Leaves the transaction of a group's task 0 as a broker does that came back and took its partitions for deleted: ended for its
 * coordinator, without a marker in the output, where one record stands, and in the group, which moved to position 1. Wants a
 * broker with `transaction.partition.verification.enable=false`.
 */
export const loseMarkers = async ({ brokers, group, input, output, elsewhere, committed }: LostMarkers) => {
  const cluster = clusterOf(new Kafka({ brokers, logLevel: logLevel.NOTHING }), { metadataMaxAgeMs: 60_000 })
  await cluster.connect()
  await cluster.addMultipleTargetTopics([output, elsewhere])
  const id = `${group}.0`
  const { transaction: coordinatorType } = coordinatorTypes
  const coordinator = await cluster.findGroupCoordinator({ groupId: id, coordinatorType })
  const told = await coordinator.initProducerId({ transactionalId: id, transactionTimeout: 10_000 })
  const { producerId, producerEpoch } = told
  const producer = { transactionalId: id, producerId, producerEpoch }
  await coordinator.addPartitionsToTxn({ ...producer, topics: [{ topic: elsewhere, partitions: [0] }] })
  await coordinator.endTxn({ ...producer, transactionResult: committed })
  const leader = (await cluster.findBroker({ nodeId: 1 })) as Raw
  const messages = [{ key: 'key-0', value: 'key-0', headers: { position: '1' }, timestamp: '1' }]
  const partitions = [{ partition: 0, firstSequence: 0, messages }]
  await leader.produce({
    ...producer,
    acks: -1,
    timeout: 5000,
    compression: 0,
    topicData: [{ topic: output, partitions }],
  })
  const topics = [{ topic: input, partitions: [{ partition: 0, offset: '1' }] }]
  await patiently('moving the group', async () => {
    const keeper = (await cluster.findGroupCoordinator({ groupId: group })) as Raw
    await keeper.txnOffsetCommit({ ...producer, groupId: group, topics })
  })
  await cluster.disconnect()
}
