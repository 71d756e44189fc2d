import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Admin } from 'kafkajs'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { KafkaLogOptions } from '../../../dataflow/kafka/kafka-log.ts'
import type { Log } from '../../../dataflow/log.ts'
import type { LogEvent } from '../../../dataflow/log-events.ts'
import {
  abortOf,
  freshName,
  joinByHand,
  keysOf,
  numberedKeys,
  outputOf,
  readRecords,
} from '../../contract/log/bench.ts'
import { describeKafka } from '../../kafka/describe-kafka.ts'
import { client, newTopic } from '../../kafka/records.ts'
import { sharedKafka } from '../../kafka/shared-kafka.ts'
import { appending, expectCopied, until } from './copying.ts'
import { copying } from './copying-task.ts'
import { testLog } from './test-log.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

describeKafka('a group', () => {
  let brokers: string[]
  const logs: Log[] = []
  const events: LogEvent[] = []
  const openLog = async (options: Partial<KafkaLogOptions> = {}) => {
    const log = await testLog({ onEvent: (event) => events.push(event), ...options })
    logs.push(log)
    return log
  }
  beforeEach(async () => {
    brokers = await sharedKafka()
    events.length = 0
  })
  afterEach(async () => {
    await Promise.all(logs.splice(0).map((log) => log.close()))
  })
  /** Kept for ever: the records of these tests are of 2023. */
  const topicOf = (numPartitions = 1) =>
    newTopic(brokers, { numPartitions, configEntries: [{ name: 'retention.ms', value: '-1' }] })
  const deleteAll = async (topic: string) => {
    const admin = client(brokers).admin()
    await admin.connect()
    await admin.fetchTopicMetadata({ topics: [topic] })
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '-1' }] })
    await admin.disconnect()
  }
  const kinds = () => events.map(({ kind }) => kind)

  it('moves some partitions to one that joins, and tasks of the others live on', async () => {
    const topic = await topicOf(6)
    const group = freshName('group')
    const first = await joinByHand(await openLog(), { group, inputs: [topic] })
    const tasks = await Promise.all([0, 1, 2, 3, 4, 5].map((partition) => first.task(partition)))
    const secondLog = await openLog()
    const second = await joinByHand(secondLog, { group, inputs: [topic] })
    await until(() => tasks.some(({ signal }) => signal.aborted))
    const kept = tasks.filter(({ signal }) => !signal.aborted)
    expect(kept).toHaveLength(3)
    const moved = tasks.filter(({ signal }) => signal.aborted)
    for (const { partition } of moved) expect((await second.task(partition)).partition).toBe(partition)
    await second.membership.stop()
    await until(() => events.at(-1)?.partitions?.length === 6)
    expect(kept.every(({ signal }) => !signal.aborted)).toBe(true)
    for (const { partition } of kept) expect(await first.task(partition)).toBe(tasks[partition])
  })

  it('copies everything once while members come and go', async () => {
    const [input, output] = [await topicOf(4), await topicOf(4)]
    const group = freshName('group')
    const direct = await openLog()
    const stays = await direct.join(copying(group, input, output))
    const writing = appending(direct, input, 4)
    const seconds = process.env.KALAM_LONG === '1' ? 20 : 6
    for (const end = Date.now() + seconds * 1000; Date.now() < end; ) {
      const log = await openLog()
      const comes = await log.join(copying(group, input, output))
      await sleep(1000)
      await comes.stop()
      await expect(comes.done).resolves.toBeUndefined()
    }
    await writing.end()
    await expectCopied(direct, input, output, 4)
    await stays.stop()
    await expect(stays.done).resolves.toBeUndefined()
  })

  it.each([
    {
      how: 'that was deleted',
      lose: (admin: Admin, group: string) => admin.deleteGroups([group]).then(() => undefined),
      position: undefined,
    },
    {
      how: 'whose position was set back',
      lose: (admin: Admin, groupId: string, topic: string) =>
        admin.setOffsets({ groupId, topic, partitions: [{ partition: 0, offset: '0' }] }).then(() => undefined),
      position: 0,
    },
  ])('$how goes on behind its last output, and says so', async ({ lose, position }) => {
    const [input, output] = [await topicOf(), await topicOf()]
    const group = freshName('group')
    const log = await openLog()
    const writer = await log.writer(freshName('writer'))
    await writer.commit(numberedKeys(5).map((key) => outputOf(input, { key })))
    const before = await log.join(copying(group, input, output))
    await expectCopied(log, input, output, 1)
    await before.stop()
    const admin = client(brokers).admin()
    await admin.connect()
    await lose(admin, group, input)
    await admin.disconnect()
    expect(await log.committed(group, input)).toEqual([position])
    await writer.commit(numberedKeys(5, 'late').map((key) => outputOf(input, { key })))
    const again = await log.join(copying(group, input, output))
    await expectCopied(log, input, output, 1)
    expect(kinds()).toContain('recovered_position')
    await again.stop()
  })

  it('stops with what is missing when records before its position were deleted', async () => {
    const topic = await topicOf()
    const log = await openLog()
    const writer = await log.writer(freshName('writer'))
    await writer.commit(numberedKeys(5).map((key) => outputOf(topic, { key })))
    const admin = client(brokers).admin()
    await admin.connect()
    await admin.fetchTopicMetadata({ topics: [topic] })
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '3' }] })
    await admin.disconnect()
    const { membership } = await joinByHand(log, { inputs: [topic] })
    await expect(membership.done).rejects.toMatchObject({
      code: 'log_broken',
      message: expect.stringMatching(/position in .* is 0, the topic holds 3 to 6/),
      hint: expect.stringContaining('retention'),
    })
  })

  it('stops when records that a task has not read yet are deleted under it', async () => {
    const topic = await topicOf()
    const log = await openLog()
    const writer = await log.writer(freshName('writer'))
    for (let i = 0; i < 6; i++) await writer.commit([outputOf(topic, { size: 2 ** 20 })])
    const { task, membership } = await joinByHand(log, { inputs: [topic] })
    const own = await task()
    await readRecords(own, topic, 1, 1)
    await deleteAll(topic)
    const reading = (async () => {
      while ((await own.read(topic, 1)).length > 0);
    })()
    await expect(Promise.all([reading, membership.done])).rejects.toMatchObject({ code: 'log_broken' })
    await expect(membership.done).rejects.toMatchObject({
      code: 'log_broken',
      message: expect.stringContaining(`reading ${topic}, partition 0`),
    })
  })

  it('stops when its topic was made anew, or is gone', async () => {
    const [input, output] = [await topicOf(), await topicOf()]
    const group = freshName('group')
    const log = await openLog()
    const writer = await log.writer(freshName('writer'))
    await writer.commit(numberedKeys(5).map((key) => outputOf(input, { key })))
    const running = await log.join(copying(group, input, output))
    await expectCopied(log, input, output, 1)
    const admin = client(brokers).admin()
    await admin.connect()
    await admin.deleteTopics({ topics: [input] })
    await expect(running.done).rejects.toMatchObject({ code: 'log_broken', message: expect.stringContaining(input) })
    // The brokers forget the positions of a group in a topic that is deleted.
    await until(() => admin.createTopics({ topics: [{ topic: input }] }).catch(() => false))
    await admin.disconnect()
    const again = await (await openLog()).join(copying(group, input, output))
    await expect(again.done).rejects.toMatchObject({
      code: 'log_broken',
      message: expect.stringMatching(/is 5, the topic holds 0 to 0/),
      hint: expect.stringMatching(/anew/),
    })
  })

  it('tells why it stopped when its task did not read at that time', async () => {
    const topic = await topicOf()
    const log = await openLog()
    const writer = await log.writer(freshName('writer'))
    for (let i = 0; i < 3; i++) await writer.commit([outputOf(topic, { size: 2 ** 20 })])
    const membership = await log.join({
      group: freshName('group'),
      inputs: [topic],
      async work(task) {
        await readRecords(task, topic, 1, 1)
        await deleteAll(topic)
        await task.read(topic, 1)
        await task.read(topic, 1).catch(() => undefined)
        await abortOf(task)
        await task.commit([], { [topic]: 1 })
      },
    })
    await expect(membership.done).rejects.toMatchObject({ code: 'log_broken' })
  })

  it('stops with what to do when a record is larger than its topic takes', async () => {
    const [input, output] = [await topicOf(), freshName('small')]
    const log = await openLog({ maxMessageBytes: 20_000 })
    await log.createTopics([{ topic: output, partitions: 1 }])
    const writer = await log.writer(freshName('writer'))
    await writer.commit([outputOf(input, { value: randomBytes(100_000) })])
    const membership = await log.join(copying(freshName('group'), input, output))
    await expect(membership.done).rejects.toMatchObject({
      code: 'log_broken',
      message: expect.stringContaining('larger'),
      hint: expect.stringContaining('max.message.bytes'),
    })
  })

  it('is left when its log is closed while it joins', async () => {
    const topic = await topicOf(2)
    const group = freshName('group')
    for (let round = 0; round < 6; round++) {
      const log = await openLog()
      const joining = log.join({ group, inputs: [topic], work: abortOf }).catch(() => undefined)
      await sleep(round * 25)
      await log.close()
      await (await joining)?.done
    }
    const admin = client(brokers).admin()
    await admin.connect()
    const membersOf = async () => (await admin.describeGroups([group])).groups[0]!.members.length
    // Well below the end of a session, were it left to that.
    await until(async () => (await membersOf()) === 0)
    await sleep(1000)
    expect(await membersOf()).toBe(0)
    await admin.disconnect()
  })

  it('leaves no connection behind when its log is closed', async () => {
    const sockets = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
    const before = sockets()
    for (let round = 0; round < 3; round++) {
      const [input, output] = [await topicOf(2), await topicOf(2)]
      const log = await testLog()
      const writer = await log.writer(freshName('writer'))
      await writer.commit([outputOf(input)])
      await log.join(copying(freshName('group'), input, output))
      await expectCopied(log, input, output, 2)
      await log.close()
    }
    await until(() => sockets() <= before)
    await sleep(1500)
    expect(sockets()).toBeLessThanOrEqual(before)
  })

  it('of one member at a time gives it all partitions, and the next one after its end', async () => {
    const topic = await topicOf(3)
    const group = freshName('group')
    const [one, two] = [await openLog(), await openLog()]
    const first = await joinByHand(one, { group, inputs: [topic], single: true })
    const tasks = await Promise.all([0, 1, 2].map((partition) => first.task(partition)))
    const second = await joinByHand(two, { group, inputs: [topic], single: true })
    await until(() => events.filter(({ kind }) => kind === 'joined').length === 2)
    await sleep(500)
    expect(tasks.every(({ signal }) => !signal.aborted)).toBe(true)
    await one.close()
    for (const partition of [0, 1, 2]) expect((await second.task(partition)).partition).toBe(partition)
  })

  it('that is idle has its position at the end of the topic, behind markers and aborted records', async () => {
    const topic = await topicOf()
    const group = freshName('group')
    const log = await openLog()
    const writer = await log.writer(freshName('writer'))
    await writer.commit(numberedKeys(2).map((key) => outputOf(topic, { key })))
    const { task } = await joinByHand(log, { group, inputs: [topic] })
    const own = await task()
    const last = (await readRecords(own, topic, 2)).at(-1)!
    await own.commit([], { [topic]: last.offset + 1 })
    const atEnd = async () => (await log.committed(group, topic))[0] === (await log.ends(topic))[0]
    await until(atEnd)
    const producer = client(brokers).producer({ transactionalId: freshName('aborting'), maxInFlightRequests: 1 })
    await producer.connect()
    for (let i = 0; i < 3; i++) {
      const transaction = await producer.transaction()
      await transaction.send({ topic, messages: [{ partition: 0, value: 'aborted' }] })
      await transaction.abort()
    }
    await producer.disconnect()
    await until(async () => ((await log.ends(topic))[0] ?? 0) >= 9)
    await until(atEnd)
    expect(await log.committed(group, topic)).toEqual([9])
    await writer.commit([outputOf(topic, { key: 'next' })])
    expect(keysOf(await readRecords(own, topic, 1))).toEqual(['next'])
  })

  it('holds few bytes of a topic that its task does not read', async () => {
    const topic = await topicOf()
    const log = await openLog()
    const writer = await log.writer(freshName('writer'))
    const { task } = await joinByHand(await openLog(), { inputs: [topic] })
    const own = await task()
    const size = 2 ** 20
    await writer.commit([outputOf(topic, { size })])
    await own.read(topic, size)
    const before = process.memoryUsage().arrayBuffers
    for (let i = 0; i < 48; i++) await writer.commit([outputOf(topic, { size })])
    await sleep(1000)
    // What was written is garbage, which goes when it is collected; what is held does not.
    await until(() => {
      collectGarbage()
      return process.memoryUsage().arrayBuffers - before < 24 * size
    })
    expect(own.hasMore(topic)).toBe(true)
    expect(await readRecords(own, topic, 48, size)).toHaveLength(48)
  })
})
