import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { fakeOpenai } from '../fake-openai/server.ts'
import { describeKafka, describeLongKafka } from '../kafka/describe-kafka.ts'
import { sharedKafka } from '../kafka/shared-kafka.ts'
import { type Registry, startRegistry } from '../kafka/start-registry.ts'
import { startWorld } from './faults/world.ts'
import { copyData, filesBelow, kalam, workFolder } from './kalam.ts'

const pipeline = (name: string, url: string, log: string) => `
pipeline: ${name}
partitions: 4
${log}
sources: [{ name: chat, path: data }]
chunkings: { tokens490: { by: tokens }, lines25: { by: lines } }
translators:
  a: { backend: openai, url: "${url}", model: model-a, chunking: tokens490, slots: 16 }
  b: { backend: openai, url: "${url}", model: model-b, chunking: lines25, slots: 16 }
rankings:
  release: { candidates: [a, b], keep: { lr: ">= 0.4", scr: ">= 0.8" } }
`

describeKafka('the main job on a broker, in one process', () => {
  let registry: Registry
  let server: Awaited<ReturnType<typeof fakeOpenai>>
  const folders = [workFolder(), workFolder()]
  beforeAll(async () => {
    registry = await startRegistry()
    server = await fakeOpenai({ latencyMs: 2 })
  }, 120_000)
  afterAll(async () => {
    await server.close()
    await registry.stop()
    for (const folder of folders) folder.remove()
  })

  it('writes the records and the dataset that it writes on the embedded log', async () => {
    const [embedded, kafka] = folders.map(({ path }) => path) as [string, string]
    const cluster = { brokers: await sharedKafka(), registry: registry.url, replication: 1, min_insync: 1 }
    const name = `job-${process.pid}-${Date.now()}`
    writeFileSync(join(embedded, 'pipeline.yaml'), pipeline(name, server.url, ''))
    writeFileSync(
      join(kafka, 'pipeline.yaml'),
      pipeline(name, server.url, `log: ${JSON.stringify({ kafka: cluster })}`),
    )
    for (const folder of [embedded, kafka])
      for (const file of ['gsm8k', 'multi_turn', 'toolcall_glaive'])
        copyData(`chat/${file}.jsonl`, join(folder, `data/${file}.jsonl`))

    expect(await kalam(embedded, 'run')).toMatchObject({ code: 0 })
    expect(await kalam(kafka, 'run')).toMatchObject({ code: 1, err: expect.stringContaining('kalam topics create') })
    expect((await kalam(kafka, 'plan')).out).toContain(
      'A new pipeline; its topics are not there yet.\n  kalam topics create',
    )
    expect(await kalam(kafka, 'topics', 'create')).toMatchObject({ code: 0, err: '' })
    expect(await kalam(kafka, 'run')).toMatchObject({ code: 0 })

    expect((await kalam(kafka, 'plan')).out).toContain('Nothing was edited')
    const edited = join(kafka, 'edited.yaml')
    writeFileSync(edited, readFileSync(join(kafka, 'pipeline.yaml'), 'utf8').replace('model-a', 'model-z'))
    const plan = await kalam(kafka, 'plan', 'edited.yaml')
    expect([plan.code, plan.out]).toEqual([
      1,
      expect.stringContaining('! translate a: model: "model-a" became "model-z"'),
    ])
    const files = filesBelow(join(kafka, 'out'))
    for (const [file, bytes] of filesBelow(join(embedded, 'out')))
      if (!file.startsWith('report.')) expect(files.get(file)?.equals(bytes), file).toBe(true)
    expect(await kalam(kafka, 'verify')).toMatchObject({ code: 0 })
    expect(await kalam(kafka, 'verify', '--compare', join(embedded, 'pipeline.yaml'))).toMatchObject({ code: 0 })
  }, 300_000)
})

describeLongKafka('the main job on a broker, with three processes for each stage and two ingesters', () => {
  it('makes the dataset that it makes on the embedded log', async () => {
    const world = await startWorld({ counts: { ingest: 2, chunk: 3, translate: 3, score: 3, rank: 3, land: 3 } })
    try {
      world.feed(400)
      await world.settled(600_000)
      expect(await world.compare()).toEqual([])
      expect(world.services.surprises).toEqual([])
    } finally {
      await world.close()
    }
  }, 900_000)
})
