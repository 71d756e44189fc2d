import type { ChildProcess } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openPipeline } from '../../cli/workspace.ts'
import type { Log } from '../../dataflow/log.ts'
import { describeRegistry } from '../kafka/describe-kafka.ts'
import { sharedKafka } from '../kafka/shared-kafka.ts'
import { type Registry, startRegistry } from '../kafka/start-registry.ts'
import { type Ended, kalam, startKalam, workFolder } from './kalam.ts'

const stages = ['ingest', 'chunk', 'translate', 'score', 'rank'] as const
const rows = Array.from({ length: 20 }, (_, i) => ({ messages: [{ role: 'user', content: `Say the number ${i}` }] }))
const data = `${rows.map((row) => JSON.stringify(row)).join('\n')}\n{"messages": [\n`
const name = `work-${process.pid}`

/** Waits until a topic has every conversation, and no other. */
const allIn = async (log: Log, topic: string): Promise<void> => {
  const ids = new Set<string>()
  while (ids.size < rows.length) {
    for (let partition = 0; partition < 2; partition++) {
      for await (const records of log.scan(topic, partition, 0)) for (const { key } of records) ids.add(key)
    }
    await sleep(200)
  }
  expect(ids.size).toBe(rows.length)
}

interface Worker {
  child: ChildProcess
  ended: Promise<Ended>
  folder: ReturnType<typeof workFolder>
  /** A page of its HTTP server; status 0 before there is one. */
  get(path: string): Promise<{ status: number; text: string }>
}

describeRegistry('a process per stage on a broker', () => {
  let registry: Registry
  let yaml: string
  const workers = new Map<string, Worker>()

  const files = () => ({ 'data.jsonl': data, 'pipeline.yaml': yaml })
  /** A worker with a folder of its own, as on a machine of its own; a warehouse is nowhere. */
  const start = (stage: string): Worker => {
    const folder = workFolder(files())
    const { child, ended } = startKalam(folder.path, ['work', stage, '--http', '0'])
    let err = ''
    child.stderr!.on('data', (text: string) => {
      err += text
    })
    return {
      ...{ child, ended, folder },
      async get(path) {
        const port = /"event":"listening".*?"port":(\d+)/.exec(err)?.[1]
        if (port === undefined) return { status: 0, text: err }
        const response = await fetch(`http://127.0.0.1:${port}${path}`)
        return { status: response.status, text: await response.text() }
      },
    }
  }

  beforeAll(async () => {
    registry = await startRegistry()
    yaml = `
pipeline: ${name}
partitions: 2
log: { kafka: { brokers: ["${(await sharedKafka()).join('", "')}"], registry: "${registry.url}", replication: 1, min_insync: 1 } }
warehouse: { url: "http://127.0.0.1:9" }
sources: [{ name: talk, path: data.jsonl }]
chunkings: { all: { by: tokens } }
translators: { model: { backend: pseudo, chunking: all } }
rankings: { release: { candidates: [model] } }
`
    const folder = workFolder(files())
    for (const args of [['status'], ['topics', 'check'], ['work', 'chunk']]) {
      const early = await kalam(folder.path, ...args)
      expect([args, early.code, early.out + early.err]).toEqual([
        args,
        1,
        expect.stringContaining('kalam topics create'),
      ])
    }
    const created = await kalam(folder.path, 'topics', 'create')
    expect(created.code, created.err).toBe(0)
    folder.remove()
    for (const stage of stages) workers.set(stage, start(stage))
  }, 300_000)
  afterAll(async () => {
    for (const { child, ended, folder } of workers.values()) {
      child.kill('SIGKILL')
      await ended
      folder.remove()
    }
    await registry?.stop()
  })

  const ready = async (stage: string): Promise<void> => {
    const { child, get } = workers.get(stage)!
    let answer = await get('/readyz')
    while (answer.status !== 200 && child.exitCode === null) {
      await sleep(200)
      answer = await get('/readyz')
    }
    expect(answer.status, answer.text).toBe(200)
  }

  it('makes every worker ready, though there is no warehouse', async () => {
    for (const stage of stages) await ready(stage)
    expect(JSON.parse((await workers.get('ingest')!.get('/readyz')).text)).toMatchObject({ groups: 1 })
  }, 300_000)

  it('brings every conversation to its ranking, and tells so in metrics', async () => {
    const folder = workFolder(files())
    const pipeline = await openPipeline(join(folder.path, 'pipeline.yaml'), { env: process.env, create: false })
    await allIn(pipeline.log, pipeline.topics.ranked('release'))
    expect(await pipeline.log.members?.(`${name}.translate.model.g1`)).toBe(1)
    expect(await pipeline.log.members?.(`${name}.nobody.g1`)).toBe(0)
    await pipeline.close()
    const metrics = (await workers.get('translate')!.get('/metrics')).text
    const written = [...metrics.matchAll(/^kalam_task_records_written_total\{stage="translate".*\} (\d+)$/gm)]
    expect(written.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(rows.length)
    expect(metrics).toMatch(
      /^kalam_log_events_total\{kind="joined",stage="translate",line="model",generation="1"\} 1$/m,
    )
    expect((await workers.get('ingest')!.get('/metrics')).text).toMatch(/^kalam_dead_letters_total 1$/m)
    const letters = await kalam(folder.path, 'dead-letters', 'list')
    expect(letters.out, letters.err).toContain('talk/data/20')
    folder.remove()
  }, 300_000)

  it('takes up a translator that pipeline.yaml has got since, without a restart', async () => {
    const more = yaml.replace('model: {', 'second: { backend: pseudo, chunking: all }, model: {')
    const folder = workFolder({ 'data.jsonl': data, 'pipeline.yaml': more })
    const created = await kalam(folder.path, 'topics', 'create')
    expect(created.code, created.err).toBe(0)
    // Later than the control record, as a file does that is handed out to many machines.
    await sleep(1000)
    for (const worker of workers.values()) writeFileSync(join(worker.folder.path, 'pipeline.yaml'), more)
    const pipeline = await openPipeline(join(folder.path, 'pipeline.yaml'), { env: process.env, create: false })
    await allIn(pipeline.log, pipeline.topics.scored('second'))
    await pipeline.close()
    folder.remove()
    expect((await workers.get('translate')!.get('/readyz')).status).toBe(200)
  }, 300_000)

  /** A command on a machine of its own, which has tables of its own too. */
  const command = async (...args: string[]): Promise<string> => {
    const own = yaml.replace('model: {', 'second: { backend: pseudo, chunking: all }, model: {')
    const folder = workFolder({ 'data.jsonl': data, 'pipeline.yaml': own.replace(/^warehouse: .*$/m, '') })
    const ended = await kalam(folder.path, ...args)
    folder.remove()
    expect(ended.code, ended.err).toBe(0)
    return ended.out
  }
  /** Waits until a worker is ready and its gauges tell of exactly these lines, as `<line> g<generation>`. */
  const shows = async (stage: string, ...wanted: string[]): Promise<void> => {
    const { get } = workers.get(stage)!
    const shown = async () => {
      const { text } = await get('/metrics')
      const of = (name: string) => [
        ...new Set(
          [...text.matchAll(new RegExp(`^${name}\\{stage="\\w+",line="(\\w+)",generation="(\\d)".*\\}`, 'gm'))].map(
            ([, line, generation]) => `${line} g${generation}`,
          ),
        ),
      ]
      const names = ['kalam_line_waiting_records', 'kalam_tasks_running', 'kalam_task_last_progress_timestamp_seconds']
      return { ready: (await get('/readyz')).status, lines: names.map((name) => of(name).sort()) }
    }
    const all = wanted.sort()
    await expect.poll(shown, { timeout: 60_000, interval: 200 }).toEqual({ ready: 200, lines: [all, all, all] })
  }

  it('stays ready and tells of the lines that run, after a promotion, a pause and a drop', async () => {
    await shows('translate', 'model g1', 'second g1')
    await command('replay', 'release')
    await shows('rank', 'release g1', 'release g2')
    await command('promote', 'release')
    await shows('rank', 'release g2')
    await command('pause', 'model')
    await shows('translate', 'second g1')
    await command('generations', 'drop', 'release', '1')
    await shows('rank', 'release g2')
    await command('resume', 'model')
    await shows('translate', 'model g1', 'second g1')
  }, 300_000)

  it('ends each with 0 on SIGTERM', async () => {
    for (const { child } of workers.values()) child.kill('SIGTERM')
    for (const [stage, { ended }] of workers) {
      const { code, err } = await ended
      expect(code, `${stage}: ${err}`).toBe(0)
      expect(err).toContain('"event":"stopped"')
    }
  }, 300_000)
})
