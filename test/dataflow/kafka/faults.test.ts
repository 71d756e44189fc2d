import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import type { Log } from '../../../dataflow/log.ts'
import type { LogEvent } from '../../../dataflow/log-events.ts'
import { freshName } from '../../contract/log/bench.ts'
import { describeKafka } from '../../kafka/describe-kafka.ts'
import { apiKeys, type FaultProxy, faultProxy } from '../../kafka/fault-proxy.ts'
import { type KafkaCluster, startKafka } from '../../kafka/start-kafka.ts'
import { appending, expectCopied, until } from './copying.ts'
import { copying } from './copying-task.ts'
import { testLog } from './test-log.ts'

const isLong = process.env.KALAM_LONG === '1'
const rounds = isLong ? 10 : 2
const partitions = 2
const sessionTimeoutMs = 2000

/** A task that copies goes on by itself, and what it writes is what there was to copy. */
describeKafka('a task that copies', { timeout: isLong ? 300_000 : 90_000 }, () => {
  let kafka: KafkaCluster
  let proxy: FaultProxy
  let direct: Log
  let log: Log
  const events: LogEvent[] = []
  beforeAll(async () => {
    kafka = await startKafka()
    proxy = await faultProxy(kafka.nodes[0]!.proxyPort, kafka.nodes[0]!.advertisedPort)
  })
  beforeEach(async () => {
    events.length = 0
    direct = await testLog({ brokers: kafka.brokers })
    log = await testLog({ brokers: kafka.proxiedBrokers, sessionTimeoutMs, onEvent: (event) => events.push(event) })
  })
  afterEach(async () => {
    proxy.setMode('pass')
    proxy.dropResponses([], 0)
    proxy.dropped.length = 0
    await Promise.all([log.close(), direct.close()])
  })
  afterAll(async () => {
    await proxy?.close()
    await kafka?.stop()
  })

  const started = async (through: Log) => {
    const [input, output] = [freshName('input'), freshName('output')]
    await direct.createTopics([input, output].map((topic) => ({ topic, partitions })))
    const membership = await through.join(copying(freshName('group'), input, output))
    let failure: unknown
    membership.done.catch((thrown) => {
      failure = thrown
    })
    const writing = appending(direct, input, partitions)
    const more = (count: number) => {
      const from = writing.written()
      return until(() => writing.written() >= from + count)
    }
    await more(6)
    return {
      more,
      async ended() {
        await more(4)
        await writing.end()
        await expectCopied(direct, input, output, partitions)
        expect(failure).toBeUndefined()
      },
    }
  }

  it('goes on after the broker was killed', async () => {
    const copy = await started(log)
    for (let round = 0; round < rounds; round++) {
      await kafka.nodes[0]!.kill()
      await sleep(300)
      await kafka.nodes[0]!.start()
      await copy.more(10)
    }
    await copy.ended()
  })

  it('goes on after the network was away for two sessions', async () => {
    const copy = await started(log)
    for (let round = 0; round < rounds - 1; round++) {
      proxy.setMode('blackhole')
      await sleep(2 * sessionTimeoutMs + 500)
      proxy.setMode('pass')
      await copy.more(10)
    }
    await copy.ended()
  })

  it('goes on after connections were refused for two sessions', async () => {
    const copy = await started(log)
    for (let round = 0; round < rounds - 1; round++) {
      proxy.setMode('refuse')
      await sleep(2 * sessionTimeoutMs + 500)
      // The client repeats its connecting by itself for a while, longer on a busy machine.
      await until(() => events.some(({ kind }) => kind === 'waiting'))
      proxy.setMode('pass')
      await copy.more(10)
    }
    await copy.ended()
  })

  it.each(['Produce', 'EndTxn', 'TxnOffsetCommit', 'AddPartitionsToTxn', 'AddOffsetsToTxn', 'InitProducerId'] as const)(
    'goes on when answers to %s are lost',
    async (name) => {
      // A new producer is opened after a transaction that failed.
      const keys = name === 'InitProducerId' ? [apiKeys.EndTxn, apiKeys.InitProducerId] : [apiKeys[name]]
      const copy = await started(log)
      for (let round = 0; round < rounds; round++) {
        const before = proxy.dropped.length
        for (const key of keys) {
          proxy.dropResponses([key], 1 + (round % 3))
          await until(() => proxy.dropped.length > before)
        }
        await copy.more(4)
      }
      await copy.ended()
      expect(proxy.dropped).toContain(keys.at(-1))
    },
  )
})
