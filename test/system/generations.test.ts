import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fakeOpenai } from '../fake-openai/server.ts'
import { describeRegistry } from '../kafka/describe-kafka.ts'
import { sharedKafka } from '../kafka/shared-kafka.ts'
import { startRegistry } from '../kafka/start-registry.ts'
import { startRun, statusLines, talk, topicsIn, untilIdle, writePipeline } from './generations-bench.ts'
import { kalam, type startKalam, workFolder } from './kalam.ts'

/** Where a pipeline's topics are: its name, and its `log` in pipeline.yaml. */
interface Place {
  name: string
  log: string
}

const yamlOf = (
  url: string,
  { name, log }: Place,
  settings: { count: number; scr: string; more?: string; rankings?: string },
) => `
pipeline: ${name}
partitions: 2
${log}
sources: [{ name: talk, path: data.jsonl }]
chunkings:
  lines: { by: lines, count: ${settings.count} }
  tok: { by: tokens }
translators:
  a: { backend: openai, url: "${url}", model: model-a, chunking: lines, slots: 8 }
  b: { backend: openai, url: "${url}", model: model-b, chunking: tok, slots: 8 }
${settings.more ?? ''}
rankings:
  release: { candidates: [a, b] }
  b_only: { candidates: [b], keep: { scr: "${settings.scr}" } }
${settings.rankings ?? ''}
`

/** The suite of generations on one kind of log; `opened` tells where two pipelines have their topics. */
const suite = (opened: () => Promise<{ places: [Place, Place]; close(): Promise<void> }>) => () => {
  let places: [Place, Place]
  let close: () => Promise<void>
  let server: Awaited<ReturnType<typeof fakeOpenai>>
  const folder = workFolder({ 'data.jsonl': talk(20) })
  const fresh = workFolder({ 'data.jsonl': talk(20) })
  let before: Awaited<ReturnType<typeof topicsIn>>
  let run: ReturnType<typeof startKalam>

  const command = async (...args: string[]) => {
    const ended = await kalam(folder.path, ...args)
    expect(ended.code, ended.err).toBe(0)
    return ended.out
  }
  const stopRun = async () => {
    run.child.kill('SIGINT')
    expect((await run.ended).code).toBe(130)
  }
  const untilLanded = async (count: number) => {
    const asked = () => command('sql', '--format', 'json', 'SELECT count() AS n FROM v_ranked')
    while (JSON.parse((await asked()).trim()).n < count) await sleep(200)
    expect(JSON.parse((await asked()).trim())).toEqual({ n: count })
  }
  const old = () => yamlOf(server.url, places[0], { count: 25, scr: '>= 0.8' })
  const edited = (place = places[0]) => yamlOf(server.url, place, { count: 1, scr: '>= 0.9' })

  beforeAll(async () => {
    server = await fakeOpenai({ latencyMs: 2, record: true })
    ;({ places, close } = await opened())
    writePipeline(folder.path, old())
    if (places[0].log !== '') await command('topics', 'create')
    await command('run')
    before = await topicsIn(folder.path)
    run = await startRun(folder.path)
    await untilIdle(folder.path)
  }, 300_000)
  afterAll(async () => {
    run?.child.kill('SIGKILL')
    await run?.ended
    await server.close()
    await close()
    folder.remove()
    fresh.remove()
  })

  it('are of lines that pipeline.yaml has, as it stands now', async () => {
    writePipeline(folder.path, edited())
    const refused = await kalam(folder.path, 'replay', 'line')
    expect(refused.code).toBe(1)
    expect(refused.err).toContain('looking for line line: pipeline.yaml has no such line')
    expect(refused.err).toContain('Did you mean lines?')
  })

  it('are built from the first record on while the live lines stay as they are, byte for byte', async () => {
    expect(await command('replay', 'lines')).toMatch(
      /builds beside the live ones: chunk lines generation 2, translate a generation 2, score a generation 2, rank release generation 2\n/,
    )
    expect(await command('replay', 'b_only')).toContain('rank b_only generation 2')
    await untilIdle(folder.path, 20)
    const building = (await statusLines(folder.path)).filter(
      ({ state, stage }) => state === 'building' && stage !== 'land',
    )
    expect(building.map(({ line, generation }) => `${line} ${generation}`)).toEqual([
      ...['lines 2', 'a 2', 'a 2', 'release 2', 'b_only 2'],
    ])
    await stopRun()
    const after = await topicsIn(folder.path)
    for (const [topic, { hash }] of before) expect(after.get(topic)?.hash, topic).toBe(hash)
    expect(after.get('chunks.lines.g2')!.said.length).toBeGreaterThan(after.get('chunks.lines')!.said.length)
  }, 300_000)

  it('are made live while rows come in, and equal those of a pipeline that never had others', async () => {
    run = await startRun(folder.path)
    await untilIdle(folder.path, 20)
    appendFileSync(join(folder.path, 'data.jsonl'), talk(20, 20))
    appendFileSync(join(fresh.path, 'data.jsonl'), talk(20, 20))
    expect(await command('promote', 'lines')).toMatch(
      /live: rank release generation 2\nstopped: chunk lines generation 1\n/,
    )
    expect(await command('promote', 'b_only')).toContain('live: rank b_only generation 2')
    expect(await command('promote', 'b_only')).toContain('nothing of b_only is being built')
    await untilLanded(80)
    await untilIdle(folder.path, 5)
    expect(await command('verify')).not.toContain('BROKEN')
    expect(await command('export', 'release')).toContain('release: 40 kept')
    await stopRun()
    writePipeline(fresh.path, edited(places[1]))
    if (places[1].log !== '') expect((await kalam(fresh.path, 'topics', 'create')).code).toBe(0)
    expect((await kalam(fresh.path, 'run')).code).toBe(0)
    const [made, wanted] = [await topicsIn(folder.path), await topicsIn(fresh.path)]
    for (const topic of ['chunks.lines', 'translations.a', 'scored.a', 'ranked.release', 'ranked.b_only'])
      expect(made.get(`${topic}.g2`)!.said, topic).toEqual(wanted.get(topic)!.said)
  }, 300_000)

  it('of the same settings ask nothing again', async () => {
    const calls = server.stats.calls
    expect(await command('replay', 'a')).toContain('a: no calls, its answers are in the memory\n')
    await command('run')
    expect(server.stats.calls).toBe(calls)
    const topics = await topicsIn(folder.path)
    expect(topics.get('translations.a.g3')!.said).toEqual(topics.get('translations.a.g2')!.said)
    await command('promote', 'a')
    expect(await command('verify')).not.toContain('BROKEN')
  }, 300_000)

  it('let a third translator be added after the end: it alone is paid, and only rankings that name it change', async () => {
    const had = await topicsIn(folder.path)
    const received = server.received.length
    const more = `  c: { backend: openai, url: "${server.url}", model: model-c, chunking: tok }`
    const named = yamlOf(server.url, places[0], { count: 1, scr: '>= 0.9', more }).replace('[a, b] }', '[a, b, c] }')
    writePipeline(folder.path, named)
    const refused = await kalam(folder.path, 'run')
    expect(refused.err).toContain('kalam replay release')
    expect(await command('replay', 'release')).toMatch(/translate c, score c, rank release generation 4\n/)
    await command('run')
    await command('promote', 'release')
    const models = server.received.slice(received).map(({ body }) => body.model)
    expect(new Set(models)).toEqual(new Set(['model-c']))
    const has = await topicsIn(folder.path)
    for (const [topic, { hash }] of had) expect(has.get(topic)?.hash, topic).toBe(hash)
    expect(has.get('ranked.release.g4')!.said[0]).toContain('"line":"c"')
    expect(await command('verify')).not.toContain('BROKEN')
  }, 300_000)

  it('of a part are never made live, and dropping one leaves nothing of it', async () => {
    expect(await command('replay', 'b', '--limit', '5')).toContain('It is a part, and never made live.')
    await command('run')
    const topics = await topicsIn(folder.path)
    const taken = topics.get('translations.b.g2')!.said.filter((said) => !said.includes('"reason":"filtered"'))
    expect(new Set(taken.map((said) => said.split(' ')[0])).size).toBe(5)
    expect(topics.get('translations.b.g2')!.said.length - taken.length).toBe(35)
    const promoted = await kalam(folder.path, 'promote', 'b')
    expect([promoted.code, promoted.err]).toEqual([
      2,
      expect.stringContaining('takes a part of the conversations only'),
    ])
    expect((await kalam(folder.path, 'generations', 'drop', 'b', '1')).err).toContain('it is live')
    expect(await command('generations', 'list')).toMatch(/translate +b +2 +building +chunk tok +first 5 +\d+/)
    expect(await command('generations', 'drop', 'b', '2')).toMatch(
      /dropped: translate b generation 2\ndropped: score b/,
    )
    const query =
      "SELECT (SELECT count() FROM chunks WHERE line = 'b' AND generation = 2) + (SELECT count() FROM targets WHERE line = 'b' AND generation = 2) AS n"
    expect(JSON.parse(await command('sql', '--format', 'json', query))).toEqual({ n: 0 })
    expect([...(await topicsIn(folder.path)).keys()].filter((name) => /\.b\.g2$/.test(name))).toEqual([])
    expect(await command('verify')).not.toContain('BROKEN')
  }, 300_000)
}

describe(
  'generations beside a run that follows its file, on the embedded log',
  suite(async () => ({
    places: [
      { name: 'gens', log: '' },
      { name: 'fresh', log: '' },
    ],
    close: async () => {},
  })),
)

describeRegistry(
  'generations beside a run that follows its file, on a broker',
  suite(async () => {
    const registry = await startRegistry()
    const cluster = { brokers: await sharedKafka(), registry: registry.url, replication: 1, min_insync: 1 }
    const log = `log: ${JSON.stringify({ kafka: cluster })}`
    const names = [`gens-${process.pid}`, `fresh-${process.pid}`] as const
    return {
      places: [
        { name: names[0], log },
        { name: names[1], log },
      ],
      close: () => registry.stop(),
    }
  }),
)
