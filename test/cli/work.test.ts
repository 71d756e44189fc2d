import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { workWatched } from '../../cli/commands/work.ts'
import { workStage, workStages } from '../../cli/work-stage.ts'
import { openWorkspace, type Workspace } from '../../cli/workspace.ts'
import { lineProgress } from '../../services/line-progress.ts'
import { workerLogger } from '../../services/observe/logger.ts'
import { type Observer, observer } from '../../services/observe/observer.ts'
import { fakeOpenai } from '../fake-openai/server.ts'
import { type Ended, kalam, startProcess, workFolder } from '../system/kalam.ts'

const rows = Array.from({ length: 30 }, (_, i) => ({ messages: [{ role: 'user', content: `Say the number ${i}` }] }))
const data = `${rows.map((row) => JSON.stringify(row)).join('\n')}\n{"messages": [\n`
const pipeline = (url: string) => `
pipeline: worked
partitions: 2
sources: [{ name: talk, path: data.jsonl }]
chunkings: { all: { by: tokens } }
translators: { model: { backend: openai, url: "${url}", model: m, chunking: all, slots: 4 } }
rankings: { release: { candidates: [model] } }
`

describe('workers of all stages', () => {
  let server: Awaited<ReturnType<typeof fakeOpenai>>
  let folder: ReturnType<typeof workFolder>
  let workspace: Workspace
  let seen: Observer
  const lines: Record<string, unknown>[] = []
  const stop = new AbortController()
  let ended: Promise<unknown>[]

  beforeAll(async () => {
    const wrong = { kind: 'status', status: 429, headers: { 'retry-after-ms': '5' } } as const
    server = await fakeOpenai({
      fault: ({ body, round }) => (JSON.stringify(body).includes('number 7') && round === 1 ? wrong : undefined),
    })
    folder = workFolder({ 'data.jsonl': data, 'pipeline.yaml': pipeline(server.url) })
    const logger = workerLogger('info', {}, { write: (text) => void lines.push(JSON.parse(text)) })
    seen = observer({ version: '1.2.3', logger, now: () => performance.now() })
    const file = join(folder.path, 'pipeline.yaml')
    workspace = await openWorkspace(file, { env: {}, create: true, observers: seen })
    expect(await seen.ready()).toEqual({ ok: false, reason: 'starting' })
    const watched = { seen, logger, stallMs: 60_000, signal: stop.signal }
    ended = [
      workWatched(workspace, { stage: 'translate', line: 'model' }, watched),
      ...workStages
        .filter((stage) => stage !== 'translate')
        .map((stage) => workStage(workspace, { stage }, stop.signal)),
    ]
    const within = { timeout: 30_000, interval: 50 }
    await vi.waitFor(async () => expect(await seen.ready()).toEqual({ ok: true, groups: 1, tasks: 2 }), within)
    await vi.waitFor(async () => {
      const progress = await lineProgress(workspace.log, workspace.stages)
      expect(progress.filter(({ committed, end }) => committed < end)).toEqual([])
      expect(await ranked()).toBe(30)
    }, within)
  })
  afterAll(async () => {
    stop.abort()
    await Promise.allSettled(ended)
    await workspace.close()
    await server.close()
    folder.remove()
  })

  const ranked = async () => {
    const [row] = await workspace.warehouse.query<{ n: number }>('SELECT count() AS n FROM v_ranked')
    return row?.n
  }
  /** Values of a metric by their labels. */
  const metric = async (name: string): Promise<Record<string, number>> => {
    const { text } = await seen.metrics()
    return Object.fromEntries(
      [...text.matchAll(new RegExp(`^${name}(\\{.*\\})? (.*)$`, 'gm'))].map(([, labels = '', value]) => [
        labels.replaceAll('"', ''),
        Number(value),
      ]),
    )
  }
  const sum = (values: Record<string, number>) => Object.values(values).reduce((all, value) => all + value, 0)

  it('bring every conversation through, and a bad row becomes a dead letter', async () => {
    expect(await metric('kalam_dead_letters_total')).toEqual({ '': 1 })
    const records = await metric('kalam_task_records_written_total')
    const of = (stage: string) =>
      sum(Object.fromEntries(Object.entries(records).filter(([labels]) => labels.startsWith(`{stage=${stage},`))))
    expect([of('chunk'), of('translate'), of('score'), of('rank'), of('land')]).toEqual([30, 30, 30, 30, 0])
    expect(records['{stage=ingest,line=talk,generation=,partition=0}']).toBeGreaterThanOrEqual(32)
  })

  it('tell what the translator did', async () => {
    expect(await metric('kalam_translator_calls_total')).toEqual({
      // A greeting at the start, and a call for each text.
      '{translator=model,outcome=ok}': 31,
      '{translator=model,outcome=rate_limited}': 1,
    })
    expect(await metric('kalam_translator_retries_total')).toEqual({ '{translator=model,reason=rate_limited}': 1 })
    expect(await metric('kalam_translator_waits_total')).toEqual({ '{translator=model,reason=rate_limited}': 1 })
    expect(await metric('kalam_translator_slots')).toEqual({ '{translator=model}': 4 })
    expect(await metric('kalam_translator_calls_in_flight')).toEqual({ '{translator=model}': 0 })
    expect(await metric('kalam_translator_call_seconds_count')).toEqual({ '{translator=model}': 32 })
    expect(sum(await metric('kalam_translator_tokens_total'))).toBeGreaterThan(60)
    expect(lines.filter(({ event }) => event === 'waiting')).toMatchObject([
      { level: 'warn', stage: 'translate', line: 'model', reason: 'rate_limited' },
    ])
  })

  it('tell partitions, commits and what waits, the latter of the lines they were started for', async () => {
    expect(await metric('kalam_tasks_running')).toMatchObject({
      '{stage=chunk,line=all,generation=1}': 2,
      '{stage=translate,line=model,generation=1}': 2,
      '{stage=land,line=translations.model,generation=1}': 2,
    })
    const commits = await metric('kalam_task_commit_seconds_count')
    expect(commits['{stage=translate,line=model,generation=1}']).toBeGreaterThan(0)
    expect(await metric('kalam_line_waiting_records')).toEqual({ '{stage=translate,line=model,generation=1}': 0 })
    expect(await metric('kalam_line_waiting_seconds')).toEqual({ '{stage=translate,line=model,generation=1}': 0 })
    const progress = Object.values(await metric('kalam_task_last_progress_timestamp_seconds'))
    for (const at of progress) expect(Math.abs(Date.now() / 1000 - at)).toBeLessThan(60)
    expect(sum(await metric('kalam_warehouse_rows_total'))).toBeGreaterThan(100)
    expect(await metric('kalam_build_info')).toEqual({ '{version=1.2.3}': 1 })
    expect(await metric('process_cpu_seconds_total')).toMatchObject({ '': expect.any(Number) })
  })

  it('refuse a line that is not there, with the one that was probably meant', async () => {
    const refused = (stage: (typeof workStages)[number], line: string) =>
      workStage(workspace, { stage, line }, stop.signal)
    await expect(refused('translate', 'modle')).rejects.toMatchObject({
      code: 'usage',
      message: 'choosing what to work on: there is no line of translate "modle"',
      hint: 'Did you mean model?\nThere are: model.',
    })
    await expect(refused('ingest', 'x')).rejects.toThrow('there is no source "x"')
  })

  it('stop when they are told to, and are not ready any more', async () => {
    stop.abort()
    expect(await seen.ready()).toEqual({ ok: false, reason: 'stopping' })
    expect(seen.health()).toEqual({ ok: true })
    const [code] = await Promise.all(ended)
    expect(code).toBe(0)
    expect(lines.map(({ event }) => event)).toEqual(['started', 'waiting', 'stopped'])
  })
})

describe('a worker in a process of its own', () => {
  const start = (...args: string[]) => {
    const folder = workFolder({ 'data.jsonl': data, 'pipeline.yaml': pipeline('http://127.0.0.1:9') })
    const script = fileURLToPath(new URL('./worker.ts', import.meta.url))
    const { child, ended } = startProcess(['--import', import.meta.resolve('tsx'), script, ...args], folder.path)
    const lines: Record<string, unknown>[] = []
    child.stderr!.on('data', (text: string) => {
      for (const line of text.split('\n')) if (line.startsWith('{')) lines.push(JSON.parse(line))
    })
    const port = async () => {
      while (!lines.some(({ event }) => event === 'listening') && child.exitCode === null) await sleep(20)
      return lines.find(({ event }) => event === 'listening')?.port
    }
    const get = async (path: string) => fetch(`http://127.0.0.1:${await port()}${path}`)
    const end = async (): Promise<Ended> => ended.finally(folder.remove)
    return { child, get, end }
  }

  it('serves its health, is ready once it has joined, and ends with 0 on SIGTERM', async () => {
    const { child, get, end } = start('chunk')
    expect((await get('/healthz')).status).toBe(200)
    await expect.poll(async () => (await get('/readyz')).status, { timeout: 20_000, interval: 100 }).toBe(200)
    expect(await (await get('/readyz')).json()).toEqual({ ok: true, groups: 1, tasks: 2 })
    expect(await (await get('/metrics')).text()).toMatch(
      /^kalam_tasks_running\{stage="chunk",line="all",generation="1"\} 2$/m,
    )
    child.kill('SIGTERM')
    const { code, out, err } = await end()
    expect([code, out]).toEqual([0, ''])
    const events = err
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { event: string }).event)
    expect(events).toEqual(['listening', 'started', 'stopped'])
  })

  it('ends with 1 and says which task is stuck when one hangs', async () => {
    const { end } = start('chunk', '1', 'hang')
    const { code, signal, err } = await end()
    expect([code, signal]).toEqual([1, null])
    expect(err).toContain('"code":"stalled"')
    expect(err).toMatch(/working on worked\.chunk\.all\.g1, partition \d/)
  })
})

it('kalam work refuses an embedded log and says what to run instead', async () => {
  const folder = workFolder({ 'data.jsonl': data, 'pipeline.yaml': pipeline('http://127.0.0.1:9') })
  const { code, err } = await kalam(folder.path, 'work', 'chunk')
  expect(code).toBe(2)
  expect(err).toContain('its log is embedded')
  expect(err).toContain('kalam run does every stage')
  folder.remove()
})
