import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import type { GroupOptions, Log } from '../../../dataflow/log.ts'
import type { LogEvent } from '../../../dataflow/log-events.ts'
import { translateTask } from '../../../services/translate/translate-task.ts'
import { freshName, keysOf, outputOf, scanAll } from '../../contract/log/bench.ts'
import { describeKafka } from '../../kafka/describe-kafka.ts'
import { type KafkaCluster, startKafka } from '../../kafka/start-kafka.ts'
import { expectCopied, until, untilHolds } from './copying.ts'
import { copying } from './copying-task.ts'
import { loseMarkers } from './lost-markers.ts'
import { testLog } from './test-log.ts'

const isLong = process.env.KALAM_LONG === '1'

describeKafka('a transaction that the broker forgot to end', { timeout: isLong ? 600_000 : 60_000 }, () => {
  let kafka: KafkaCluster
  let log: Log
  beforeAll(async () => {
    kafka = await startKafka({ settings: { 'transaction.partition.verification.enable': 'false' } })
  })
  beforeEach(async () => {
    log = await testLog({ brokers: kafka.brokers })
  })
  afterEach(() => log.close())
  afterAll(() => kafka?.stop())

  const topicsOf = async (partitions: number) => {
    const topics = ['input', 'output', 'elsewhere'].map(freshName)
    await log.createTopics(topics.map((topic) => ({ topic, partitions })))
    const [input = '', output = '', elsewhere = ''] = topics
    return { input, output, elsewhere }
  }

  it.each([true, false])('is ended as it was to end when its task starts again; committed: %s', async (committed) => {
    const topics = await topicsOf(1)
    const group = freshName('group')
    const writer = await log.writer(freshName('writer'))
    await writer.commit([outputOf(topics.input, { key: 'key-0' })])
    await loseMarkers({ ...topics, group, committed, brokers: kafka.brokers })
    const membership = await log.join(copying(group, topics.input, topics.output))
    await writer.commit([outputOf(topics.input, { key: 'key-1' })])
    await until(async () => (await log.committed(group, topics.input))[0] === 4)
    const keys = keysOf(await scanAll(log, topics.output))
    expect(keys).toEqual(['key-0', 'key-1'])
    await membership.stop()
  })

  /** A transaction of another producer in a topic, which holds its readers up. */
  const openElsewhere = async (topic: string) => {
    const options = { transactionalId: freshName('other'), transactionTimeout: 60_000, maxInFlightRequests: 1 }
    const producer = new Kafka({ brokers: kafka.brokers, logLevel: logLevel.NOTHING }).producer(options)
    await producer.connect()
    const open = await producer.transaction()
    await open.send({ topic, messages: [{ key: 'other', value: 'other', partition: 0 }] })
    return { abort: () => open.abort().then(() => producer.disconnect()) }
  }

  it('holds nobody up who is told to stop', async () => {
    const { input, output } = await topicsOf(1)
    const group = freshName('group')
    const first = await log.join(copying(group, input, output))
    const writer = await log.writer(freshName('writer'))
    await writer.commit([outputOf(input, { key: 'key-0' })])
    await until(async () => (await log.committed(group, input))[0] === 2)
    await first.stop()
    const other = await openElsewhere(output)
    const turn = { isSkipping: false, bound: async () => undefined }
    let begun = false
    const membership = await log.join({
      ...copying(group, input, output),
      async work(task) {
        begun = true
        await translateTask(log, task, output, turn)
      },
    })
    await until(() => begun)
    const before = Date.now()
    await membership.stop()
    await membership.done
    expect(Date.now() - before).toBeLessThan(4000)
    await other.abort()
  })

  it('ends the producer of a task whose commit cannot be read, and nothing is lost or doubled', async () => {
    const { input, output } = await topicsOf(1)
    const events: LogEvent[] = []
    const worker = await testLog({ brokers: kafka.brokers, onEvent: (event) => events.push(event) })
    const membership = await worker.join(copying(freshName('group'), input, output))
    const writer = await log.writer(freshName('writer'))
    await writer.commit([outputOf(input, { key: 'key-0' })])
    await untilHolds(log, output, 1, 1)
    const other = await openElsewhere(output)
    await writer.commit([outputOf(input, { key: 'key-1' })])
    const isUnread = ({ message = '' }: LogEvent) => message.includes('cannot be read')
    await until(() => events.some((event) => event.kind === 'transaction_failed' && isUnread(event)))
    await other.abort()
    await writer.commit([outputOf(input, { key: 'key-2' })])
    await expectCopied(log, input, output, 1)
    await worker.close()
    await membership.done
  })

  /** A group that copies one record per commit while it may. */
  const slowly = (group: string, input: string, output: string, may: () => boolean): GroupOptions => ({
    ...copying(group, input, output),
    async work(task) {
      while (!task.signal.aborted) {
        while (!may() && !task.signal.aborted) await sleep(10)
        const [record] = await task.read(input, 1)
        if (!record) return
        const { key, value, timestamp, offset } = record
        const headers = { position: String(offset + 1) }
        const copy = { topic: output, partition: task.partition, headers, key, value, timestamp }
        await task.commit([copy], { [input]: offset + 1 })
      }
    },
  })

  it.skipIf(!isLong)('is ended by its task, which rests, when the broker was killed', async () => {
    const partitions = 16
    const { input, output } = await topicsOf(partitions)
    const writer = await log.writer(freshName('writer'))
    const rows = Array.from({ length: 100 * partitions }, (_, i) => ({ partition: i % partitions, key: `key-${i}` }))
    await writer.commit(rows.map((row) => outputOf(input, row)))
    let may = true
    const membership = await log.join(slowly(freshName('group'), input, output, () => may))
    for (let round = 0; round < 8; round++) {
      may = true
      await sleep(600 + Math.random() * 400)
      may = false
      await kafka.nodes[0]!.kill()
      await kafka.nodes[0]!.start()
      const ends = () => Promise.all([log.ends(output), log.committedEnds!(output)])
      await until(async () => isDeepStrictEqual(...(await ends())))
    }
    may = true
    await expectCopied(log, input, output, partitions)
    await membership.stop()
  })
})
