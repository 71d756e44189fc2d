import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { BookedCall } from '../fake-openai/books.ts'
import { fakeOpenai } from '../fake-openai/server.ts'
import { describeRegistry } from '../kafka/describe-kafka.ts'
import { sharedKafka } from '../kafka/shared-kafka.ts'
import { type Registry, startRegistry } from '../kafka/start-registry.ts'
import { startKalam, workFolder } from './kalam.ts'

const key = 'sk-single-0123456789'
const env = { FAKE_KEY: key }
const slots = 4
const count = 90
const budget = 50
const perMinute = 300
const rows = Array.from({ length: count }, (_, i) => ({ messages: [{ role: 'user', content: `Say the number ${i}` }] }))

/** The most calls that began within so many milliseconds of each other. */
const mostWithin = (calls: readonly BookedCall[], ms: number): number => {
  const starts = calls.map(({ startMs }) => startMs).sort((a, b) => a - b)
  return starts.reduce((most, from) => Math.max(most, starts.filter((at) => at >= from && at < from + ms).length), 0)
}

describeRegistry('two processes of one line with a budget and rates', () => {
  let registry: Registry
  let server: Awaited<ReturnType<typeof fakeOpenai>>
  let folder: ReturnType<typeof workFolder>
  let otherMachine: ReturnType<typeof workFolder>
  const started: ReturnType<typeof startKalam>[] = []
  let said = ''
  const isOwner = (log: string) => /"event":"joined","stage":"translate".*"partitions":\[0,1\]/.test(log)

  const write = async (limits: string, { path } = folder) =>
    writeFileSync(
      join(path, 'pipeline.yaml'),
      `
pipeline: single-${process.pid}
partitions: 2
log: { kafka: { brokers: ["${(await sharedKafka()).join('", "')}"], registry: "${registry.url}", replication: 1, min_insync: 1, session_timeout_s: 6 } }
sources: [{ name: talk, path: data.jsonl }]
chunkings: { all: { by: tokens } }
translators:
  model: { backend: openai, url: "${server.url}", key: $FAKE_KEY, model: fake, chunking: all, slots: ${slots}, ${limits} }
rankings: { release: { candidates: [model] } }
`,
    )
  const work = (stage: string, { path } = folder) => {
    const worker = { ...startKalam(path, ['work', stage, '--http', '0'], env), log: '' }
    for (const stream of [worker.child.stdout, worker.child.stderr])
      stream!.on('data', (text: string) => {
        worker.log += text
        said += text
      })
    started.push(worker)
    return worker
  }
  const end = async (worker: ReturnType<typeof startKalam>, signal: NodeJS.Signals) => {
    worker.child.kill(signal)
    return worker.ended
  }
  /** The calls for chunks. The first of all is a greeting, and each worker may send one; a budget does not count them. */
  const forChunks = () => server.calls().filter(({ hash }, _, all) => hash !== all[0]!.hash)
  const paidFor = () => forChunks().flatMap(({ hash, paid }) => (paid ? [hash] : []))
  const answered = () => new Set(paidFor()).size
  const until = async (isDone: () => boolean) => {
    while (!isDone()) {
      for (const { child } of started) if (child.exitCode) throw new Error(`a worker ended: ${said}`)
      await sleep(50)
    }
  }

  beforeAll(async () => {
    registry = await startRegistry()
    server = await fakeOpenai({ latencyMs: 300, key })
    const data = { 'data.jsonl': rows.map((row) => JSON.stringify(row)).join('\n') }
    folder = workFolder(data)
    otherMachine = workFolder(data)
    await write(`budget: { calls: ${budget} }, rates: { requests_per_minute: ${perMinute} }`)
    const created = await startKalam(folder.path, ['topics', 'create'], env).ended
    expect(created.code, created.err).toBe(0)
    for (const stage of ['ingest', 'chunk']) work(stage)
  }, 300_000)
  afterAll(async () => {
    for (const worker of started) await end(worker, 'SIGKILL')
    await server?.close()
    await registry?.stop()
    folder?.remove()
    otherMachine?.remove()
  })

  it('never go over either, also when one is killed in the middle of its calls', async () => {
    // The one that began first has them, whoever joins later.
    const owner = work('translate')
    await until(() => isOwner(owner.log))
    const other = work('translate')
    await until(() => answered() >= 15 && other.log.includes('"event":"joined"'))
    expect(isOwner(other.log)).toBe(false)
    const early = server.calls().length
    await end(owner, 'SIGKILL')
    await until(() => other.log.includes('budget is used up'))
    expect(isOwner(other.log)).toBe(true)
    const calls = server.calls()
    expect(calls.length).toBeGreaterThan(early)
    expect(paidFor().length).toBeLessThanOrEqual(budget)
    // Calls that were under way at the kill count as if they had been answered.
    expect(paidFor().length).toBeGreaterThanOrEqual(budget - slots)
    expect(server.stats.mostAtOnce).toBeLessThanOrEqual(2 * slots)
    expect(mostWithin(calls, 60_000)).toBeLessThanOrEqual(perMinute)
    // A twentieth of a minute's calls may go at once, the others flow; what waited on the way comes up to 2 s late.
    expect(mostWithin(calls, 5000)).toBeLessThanOrEqual(perMinute * (1 / 20 + (19 / 20) * (7 / 60)))
    const { code, err } = await end(other, 'SIGTERM')
    expect(code, err).toBe(0)
  }, 300_000)

  it('never go over a budget from another machine either, whose ledger is empty', async () => {
    const before = paidFor().length
    await write(`budget: { calls: ${budget} }`, otherMachine)
    const worker = work('translate', otherMachine)
    await until(() => worker.log.includes('budget is used up'))
    // What the line's records do not tell: calls whose chunks were not committed when their process was killed.
    expect(paidFor().length - before).toBeLessThanOrEqual(2 * slots)
    expect((await end(worker, 'SIGTERM')).code).toBe(0)
  }, 300_000)

  it('go on when the budget is raised, and pay for nothing twice but what was under way', async () => {
    await write('budget: { calls: 1000 }')
    const both = [work('translate'), work('translate')]
    await until(() => answered() >= count)
    for (const worker of both) expect((await end(worker, 'SIGTERM')).code).toBe(0)
    // Under way at the kill, and where a younger worker joined first and gave way to the elder one.
    expect(paidFor().length - answered()).toBeLessThanOrEqual(2 * slots)
    const { out, err } = await startKalam(folder.path, ['status', '--json'], env).ended
    expect(out, err).toContain('"translate"')
  }, 300_000)

  it('never write their key into a log', () => {
    expect(said).toContain('"event"')
    expect(said).not.toContain(key)
  })
})
