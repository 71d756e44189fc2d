import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import type { KafkaLogOptions } from '../../../dataflow/kafka/kafka-log.ts'
import type { Log } from '../../../dataflow/log.ts'
import type { LogEvent } from '../../../dataflow/log-events.ts'
import { freshName, joinByHand, outputOf } from '../../contract/log/bench.ts'
import { describeKafka } from '../../kafka/describe-kafka.ts'
import { type KafkaCluster, startKafka } from '../../kafka/start-kafka.ts'
import { expectCopied } from './copying.ts'
import { copying } from './copying-task.ts'
import { testLog } from './test-log.ts'

describeKafka('a broker with settings of its own', () => {
  let kafka: KafkaCluster
  const logs: Log[] = []
  const events: LogEvent[] = []
  beforeAll(async () => {
    kafka = await startKafka({
      settings: {
        'transactional.id.expiration.ms': '1500',
        'transaction.remove.expired.transaction.cleanup.interval.ms': '500',
        'group.min.session.timeout.ms': '2500',
      },
    })
  })
  afterEach(async () => {
    await Promise.all(logs.splice(0).map((log) => log.close()))
  })
  afterAll(() => kafka?.stop())
  const openLog = async (options: Partial<KafkaLogOptions> = {}) => {
    const log = await testLog({ brokers: kafka.brokers, onEvent: (event) => events.push(event), ...options })
    logs.push(log)
    return log
  }

  it('forgets the producer of an idle task, which goes on', async () => {
    const [input, output] = [freshName('input'), freshName('output')]
    const log = await openLog()
    await log.createTopics([input, output].map((topic) => ({ topic, partitions: 1 })))
    const append = async (key: string) => {
      const writer = await log.writer(freshName('writer'))
      await writer.commit([outputOf(input, { key })])
      await writer.close()
    }
    await append('early')
    await log.join(copying(freshName('group'), input, output))
    await expectCopied(log, input, output, 1)
    await sleep(4000)
    await append('late')
    await expectCopied(log, input, output, 1)
    expect(events.map(({ message }) => message).join()).toContain('INVALID_PRODUCER_ID_MAPPING')
  })

  it('refuses a session that is too short, and the group stops with what to do', async () => {
    const topic = freshName('topic')
    const log = await openLog({ sessionTimeoutMs: 2000 })
    await log.createTopics([{ topic, partitions: 1 }])
    const { membership } = await joinByHand(log, { inputs: [topic] })
    await expect(membership.done).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringContaining('2 s'),
      hint: expect.stringContaining('group.min.session.timeout.ms'),
    })
  })
})
