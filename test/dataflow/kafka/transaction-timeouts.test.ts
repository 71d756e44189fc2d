import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { risingTimeout } from '../../../dataflow/kafka/transaction-timeouts.ts'
import type { Log, Task } from '../../../dataflow/log.ts'
import type { LogEvent } from '../../../dataflow/log-events.ts'
import { meteredLog } from '../../../dataflow/metered-log.ts'
import { activityBook } from '../../../dataflow/task-activity.ts'
import { freshName, keysOf, outputOf, scanAll } from '../../contract/log/bench.ts'
import { describeKafka } from '../../kafka/describe-kafka.ts'
import { type FaultProxy, faultProxy } from '../../kafka/fault-proxy.ts'
import { type KafkaCluster, startKafka } from '../../kafka/start-kafka.ts'
import { until } from './copying.ts'
import { testLog } from './test-log.ts'

describe('the timeout of transactions', () => {
  it('rises to a quarter of an hour, and falls when many in a row are quick', () => {
    const timeout = risingTimeout()
    timeout.exceeded()
    timeout.kept(10)
    timeout.exceeded()
    const rising = Array.from({ length: 6 }, () => {
      const { ms } = timeout
      timeout.exceeded()
      return ms
    })
    expect(rising).toEqual([10_000, 30_000, 90_000, 270_000, 810_000, 900_000])
    for (let i = 0; i < 99; i++) timeout.kept(10)
    timeout.kept(20_000)
    for (let i = 0; i < 99; i++) timeout.kept(10)
    expect(timeout.ms).toBe(900_000)
    timeout.kept(10)
    expect(timeout.ms).toBe(10_000)
  })

  it('stays below what the brokers refuse', () => {
    const timeout = risingTimeout()
    expect(timeout.refused()).toBe(false)
    timeout.exceeded()
    timeout.exceeded()
    timeout.exceeded()
    expect([timeout.refused(), timeout.ms]).toEqual([true, 60_000])
    timeout.exceeded()
    expect(timeout.ms).toBe(60_000)
  })
})

describeKafka('a transaction that takes longer than its timeout', { timeout: 150_000 }, () => {
  let kafka: KafkaCluster
  let proxy: FaultProxy
  const logs: Log[] = []
  afterEach(async () => {
    proxy.setMode('pass')
    await Promise.all(logs.splice(0).map((log) => log.close()))
  })
  beforeAll(async () => {
    kafka = await startKafka({ settings: { 'transaction.max.timeout.ms': '25000' } })
    proxy = await faultProxy(kafka.nodes[0]!.proxyPort, kafka.nodes[0]!.advertisedPort)
  })
  afterAll(async () => {
    await proxy?.close()
    await kafka?.stop()
  })

  it('says so, counts as a failure of its task, and is written again with more time, as far as the brokers allow it', async () => {
    const [input, output] = [freshName('input'), freshName('output')]
    const events: LogEvent[] = []
    const direct = await testLog({ brokers: kafka.brokers })
    const slow = await testLog({
      ...{ brokers: kafka.proxiedBrokers, sessionTimeoutMs: 45_000 },
      onEvent: (event) => events.push(event),
    })
    logs.push(direct, slow)
    await direct.createTopics([input, output].map((topic) => ({ topic, partitions: 1 })))
    const book = activityBook(() => performance.now())
    const tasks: Task[] = []
    const group = freshName('group')
    // So many that the first is seen before the last is sent.
    const keys = Array.from({ length: 32 }, (_, i) => `key-${i}`)
    const membership = await meteredLog(slow, book).join({
      ...{ group, inputs: [input], output },
      async work(task) {
        tasks.push(task)
        // Several sends: the way is slow once the first has arrived.
        const outputs = keys.map((key) => outputOf(output, { key, size: 2 ** 20 }))
        const [before = 0] = await direct.ends(output)
        const committed = task.commit(outputs, {})
        await until(async () => (await direct.ends(output))[0]! > before)
        proxy.setMode('blackhole')
        // Brokers look for transactions that are too old every 10 s.
        await sleep(tasks.length < 3 ? 21_000 : 12_000)
        proxy.setMode('pass')
        await committed
      },
    })
    await membership.done
    // An outage may take as long once.
    expect(tasks).toHaveLength(3)
    expect(keysOf(await scanAll(direct, output))).toEqual(keys)
    const failed = events.filter(({ kind }) => kind === 'transaction_failed' || kind === 'fenced')
    const message = (next: number) =>
      expect.stringMatching(`took \\d+ s, longer than its timeout of 10 s .*; the next one has ${next} s`)
    expect(failed).toMatchObject([
      { kind: 'transaction_failed', message: message(10) },
      { kind: 'transaction_failed', message: message(30) },
    ])
    expect(book.of(group, 0).failures).toBe(2)
  })
})
