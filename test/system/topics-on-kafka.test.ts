import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Admin, ConfigResourceTypes } from 'kafkajs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeRegistry } from '../kafka/describe-kafka.ts'
import { client } from '../kafka/records.ts'
import { sharedKafka } from '../kafka/shared-kafka.ts'
import { type Registry, startRegistry } from '../kafka/start-registry.ts'
import { kalamHere } from './here.ts'
import { startKalam, workFolder } from './kalam.ts'

const name = `topics-${process.pid}`
const rows = Array.from({ length: 20 }, (_, i) => ({ messages: [{ role: 'user', content: `Say the number ${i}` }] }))
const fit = {
  'cleanup.policy': 'delete',
  'retention.ms': '-1',
  'max.message.bytes': String(16 * 2 ** 20),
  'min.insync.replicas': '1',
}

describeRegistry('topics on a cluster', () => {
  let registry: Registry
  let admin: Admin
  let folder: ReturnType<typeof workFolder>
  let file: string
  let yaml: string

  beforeAll(async () => {
    const brokers = await sharedKafka()
    registry = await startRegistry()
    admin = client(brokers).admin()
    await admin.connect()
    yaml = `
pipeline: ${name}
partitions: 2
log: { kafka: { brokers: ["${brokers.join('", "')}"], registry: "${registry.url}", replication: 1, min_insync: 1 } }
sources: [{ name: talk, path: data.jsonl }]
chunkings: { all: { by: tokens } }
translators: { model: { backend: pseudo, chunking: all } }
rankings: { release: { candidates: [model] } }
`
    folder = workFolder({ 'data.jsonl': rows.map((row) => `${JSON.stringify(row)}\n`).join(''), 'pipeline.yaml': yaml })
    file = join(folder.path, 'pipeline.yaml')
    expect(await kalamHere(file)('topics create')).toMatchObject({ code: 0, err: '' })
  }, 300_000)
  afterAll(async () => {
    await admin?.disconnect()
    folder?.remove()
    await registry?.stop()
  })

  const check = () => kalamHere(file)('topics check')
  const configure = (topic: string, config: Record<string, string>) => {
    const configEntries = Object.entries({ ...fit, ...config }).map(([name, value]) => ({ name, value }))
    const resources = [{ type: ConfigResourceTypes.TOPIC, name: `${name}.${topic}`, configEntries }]
    return admin.alterConfigs({ validateOnly: false, resources })
  }

  it('are as they should be once they are made', async () => {
    expect(await check()).toMatchObject({ code: 0, err: '', out: `${name}: all topics and schemas are there\n` })
  })

  it('that lose or refuse records are told, all at once', async () => {
    await configure('messages', { 'retention.ms': '604800000' })
    await configure('chunks.all', { 'cleanup.policy': 'compact' })
    await configure('translations.model', { 'max.message.bytes': '1000000' })
    await configure('ranked.release', { 'min.insync.replicas': '2' })
    await expect.poll(check, { timeout: 10_000 }).toMatchObject({ code: 1 })
    const { err } = await check()
    expect(err).toMatch(/^error log_broken: checking topics: /)
    expect(err).toContain(`${name}.messages: retention.ms is 604800000, not -1: records are deleted`)
    expect(err).toContain(`${name}.chunks.all: cleanup.policy is compact, not delete`)
    expect(err).toContain(`${name}.translations.model: max.message.bytes is 1000000, not 16777216`)
    expect(err).toContain(
      `${name}.ranked.release: min.insync.replicas is 2, and it has 1 copies: all writes are refused`,
    )
    for (const topic of ['messages', 'chunks.all', 'translations.model', 'ranked.release']) await configure(topic, {})
    await expect.poll(check, { timeout: 10_000 }).toMatchObject({ code: 0, err: '' })
  })

  it('of a new line are missed before a worker misses them', async () => {
    writeFileSync(
      file,
      yaml
        .replace('pseudo, chunking: all }', 'pseudo, chunking: all }, more: { backend: pseudo, chunking: lines }')
        .replace('{ by: tokens }', '{ by: tokens }, lines: { by: lines }'),
    )
    const { code, err } = await check()
    expect(code).toBe(1)
    expect(err).toContain('there is nothing yet of chunk lines, translate more, score more')
    expect(err).toContain('kalam topics create')
    writeFileSync(file, yaml)
  })

  it('may get partitions more, which are told and passed over', async () => {
    const topics = ['control', 'sources', 'messages', 'dead_letters', 'chunks.all', 'scored.model']
    await admin.createPartitions({ topicPartitions: topics.map((topic) => ({ topic: `${name}.${topic}`, count: 3 })) })
    await expect.poll(check, { timeout: 10_000 }).toMatchObject({ code: 0, err: expect.stringContaining('control') })
    const { err } = await check()
    for (const topic of topics)
      expect(err).toContain(`${name}.${topic}: it has 3 partitions, of which ${topic === 'control' ? 1 : 2} are used`)
    expect(await kalamHere(file)('topics create')).toMatchObject({ code: 0, err: '' })
    const ran = await kalamHere(file)('run')
    expect(ran.code, ran.err).toBe(0)
    const verified = await kalamHere(file)('verify')
    expect(verified.code, verified.out + verified.err).toBe(0)
    const exported = await kalamHere(file)('export')
    expect(exported.out + exported.err).toContain('20')
  }, 120_000)

  it('with too few partitions are told by the check and by a worker, with their counts', async () => {
    const topic = `${name}.chunks.all`
    await admin.deleteTopics({ topics: [topic] })
    await expect.poll(() => admin.listTopics(), { timeout: 10_000 }).not.toContain(topic)
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: false })
    await sleep(500)
    const checked = await check()
    expect(checked.code).toBe(1)
    expect(checked.err).toContain(`${topic}: it has 1 partition, and 2 are written to`)
    const { err } = await startKalam(folder.path, ['work', 'chunk', '--http', '0']).ended
    expect(err).toContain(
      `joining ${name}.chunk.all.g1: its topics have unequal partition counts: ${name}.messages has 3, ${topic} has 1`,
    )
    expect(err).toContain('kafka-topics.sh --alter')
  }, 60_000)
})
