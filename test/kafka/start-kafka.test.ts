import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { root } from '../system/kalam.ts'
import { describeKafka, describeLongKafka } from './describe-kafka.ts'
import { knownNodes } from './kafka-node.ts'
import { consume, newTopic, produce } from './records.ts'
import { type KafkaCluster, startKafka } from './start-kafka.ts'

describeKafka('a broker of a test', () => {
  let kafka: KafkaCluster
  beforeAll(async () => {
    kafka = await startKafka()
  })
  afterAll(() => kafka?.stop())

  it('keeps records in order', async () => {
    const topic = await newTopic(kafka.brokers)
    const values = Array.from({ length: 1_000 }, (_, i) => `value ${i}`)
    await produce(kafka.brokers, topic, values)
    expect(await consume(kafka.brokers, topic, values.length)).toEqual(values)
  })

  it('takes a record of 32 MiB', async () => {
    const topic = await newTopic(kafka.brokers)
    const value = 'x'.repeat(32 * 1024 * 1024)
    await produce(kafka.brokers, topic, [value])
    const [read = ''] = await consume(kafka.brokers, topic, 1)
    expect(read.length).toBe(value.length)
  })

  it('has its data after being killed, and serves again within seconds', async () => {
    const topic = await newTopic(kafka.brokers)
    const [node] = kafka.nodes
    await produce(kafka.brokers, topic, ['before'])
    const before = node!.pid
    await node!.kill()
    expect(node!.pid).toBeUndefined()
    expect(await knownNodes(node!.address)).toEqual([])
    const started = Date.now()
    await node!.start()
    expect(Date.now() - started).toBeLessThan(20_000)
    expect(node!.pid).not.toBe(before)
    await produce(kafka.brokers, topic, ['after'])
    expect(await consume(kafka.brokers, topic, 2)).toEqual(['before', 'after'])
  })

  it('does nothing while paused and goes on afterwards', async () => {
    const topic = await newTopic(kafka.brokers)
    kafka.nodes[0]!.pause()
    const writing = produce(kafka.brokers, topic, ['late']).then(() => 'written')
    expect(await Promise.race([writing, sleep(1_500, 'waiting')])).toBe('waiting')
    kafka.nodes[0]!.resume()
    expect(await writing).toBe('written')
    expect(await consume(kafka.brokers, topic, 1)).toEqual(['late'])
  })
})

describeKafka('what a broker leaves behind', () => {
  it('is nothing when its test ends in order', async () => {
    const kafka = await startKafka()
    const pid = kafka.nodes[0]!.pid!
    await kafka.stop()
    expect(isAlive(pid)).toBe(false)
    expect(existsSync(kafka.folder)).toBe(false)
  })

  it('is nothing when its test is killed', async () => {
    const program = `import { startKafka } from './test/kafka/start-kafka.ts'
      const { folder, nodes } = await startKafka()
      console.log(JSON.stringify({ folder, pid: nodes[0].pid }))`
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], { cwd: root })
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
    const { folder, pid } = JSON.parse(line) as { folder: string; pid: number }
    expect([isAlive(pid), existsSync(folder)]).toEqual([true, true])
    child.kill('SIGKILL')
    await expect.poll(() => [isAlive(pid), existsSync(folder)], { timeout: 10_000 }).toEqual([false, false])
  })
})

describeLongKafka('a cluster of three brokers', () => {
  it('loses nothing when one is killed, and takes it back', async () => {
    const kafka = await startKafka({ nodes: 3 })
    try {
      const topic = await newTopic(kafka.brokers)
      const values = Array.from({ length: 30 }, (_, i) => `value ${i}`)
      await produce(kafka.brokers, topic, values.slice(0, 10))
      await kafka.nodes[0]!.kill()
      await produce(kafka.brokers.slice(1), topic, values.slice(10, 20))
      await kafka.nodes[0]!.start()
      await kafka.nodes[1]!.kill()
      await produce(kafka.brokers, topic, values.slice(20))
      expect(await consume(kafka.brokers, topic, values.length)).toEqual(values)
    } finally {
      await kafka.stop()
    }
  })
})

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
