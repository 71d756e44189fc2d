import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Log } from '../../dataflow/log.ts'
import type { StageLine } from '../../services/flow.ts'
import { workerLogger } from '../../services/observe/logger.ts'
import { observer } from '../../services/observe/observer.ts'
import { outputOf } from '../contract/log/bench.ts'
import { testLog } from '../dataflow/kafka/test-log.ts'
import { describeKafka } from '../kafka/describe-kafka.ts'
import { type KafkaCluster, startKafka } from '../kafka/start-kafka.ts'

const lineOf = (line: string, topic: string): StageLine => ({
  ...{ stage: 'chunk', line, generation: 1, state: 'live', unit: 'messages' },
  ...{ group: `p.chunk.${line}.g1`, inputs: [topic] },
  work: async () => undefined,
})

describeKafka('positions in the metrics of a worker', () => {
  let kafka: KafkaCluster
  let log: Log
  const clock = { ms: 0 }
  const seen = observer({
    version: '0',
    logger: workerLogger('silent', {}, { write: () => undefined }),
    now: () => clock.ms,
  })
  let lines = [lineOf('here', 'in'), lineOf('gone', 'away')]

  beforeAll(async () => {
    kafka = await startKafka()
    log = await testLog({ brokers: kafka.brokers })
    await log.createTopics(['in', 'away'].map((topic) => ({ topic, partitions: 1 })))
    const writer = await log.writer('p.test')
    await writer.commit([outputOf('in'), outputOf('in')])
    await writer.close()
    seen.watch(log, () => lines, { stallMs: 60_000, onStall: () => undefined })
  }, 120_000)
  afterAll(async () => {
    seen.watchdog?.stop()
    await log?.close()
    await kafka?.stop()
  })

  /** What waits by line, the marker of the transaction counted, and how long the page took; each time long after the last. */
  const waiting = async () => {
    clock.ms += 60_000
    const began = performance.now()
    const { text } = await seen.metrics()
    const found = [...text.matchAll(/^kalam_line_waiting_records\{stage="chunk",line="(\w+)",.*\} (\d+)$/gm)]
    return {
      ms: performance.now() - began,
      text,
      lines: Object.fromEntries(found.map(([, line, n]) => [line, Number(n)])),
    }
  }

  it('are those of the lines that run at the moment', async () => {
    expect((await waiting()).lines).toEqual({ here: 3, gone: 0 })
    lines = [lineOf('other', 'in')]
    expect((await waiting()).lines).toEqual({ other: 3 })
    lines = [lineOf('here', 'in'), lineOf('gone', 'away')]
  })

  it('lack only the line whose topic is not there any more', async () => {
    await log.deleteTopics(['away'])
    expect((await waiting()).lines).toEqual({ here: 3 })
  })

  it('are left out while the broker is away, and all else is told at once', async () => {
    await kafka.nodes[0]!.kill()
    for (let i = 0; i < 2; i++) {
      const { ms, text, lines: told } = await waiting()
      expect(ms).toBeLessThan(5000)
      expect(told).toEqual({})
      expect(text).toContain('kalam_build_info{version="0"} 1')
    }
    await kafka.nodes[0]!.start()
    await expect.poll(async () => (await waiting()).lines, { timeout: 60_000, interval: 500 }).toEqual({ here: 3 })
  }, 120_000)
})
