import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fakeOpenai } from '../fake-openai/server.ts'
import { copyData, filesBelow, kalam, startKalam, workFolder } from './kalam.ts'

const kills = Number(process.env.KALAM_CHAOS_KILLS ?? 4)
const data = kills > 4 ? ['chat'] : ['chat/gsm8k.jsonl', 'chat/multi_turn.jsonl', 'chat/toolcall_glaive.jsonl']
const slots = 16

const pipeline = (url: string) => `
pipeline: chaos
sources: [{ name: chat, path: data }]
chunkings:
  tokens490: { by: tokens }
  lines25: { by: lines }
translators:
  a: { backend: openai, url: "${url}", model: model-a, chunking: tokens490, slots: ${slots} }
  b: { backend: openai, url: "${url}", model: model-b, chunking: lines25, slots: ${slots} }
rankings:
  a_ranked: { candidates: [a] }
  release: { candidates: [a, b], keep: { lr: ">= 0.4", scr: ">= 0.8" } }
`

const counts = `SELECT (SELECT count() FROM v_messages) AS messages, (SELECT count() FROM v_chunks) AS chunks, (SELECT count() FROM v_calls) AS calls,
(SELECT count() FROM v_scores) AS scores, (SELECT sum(value) FROM v_scores WHERE metric = 'lr') AS lr, (SELECT count() FROM v_ranked) AS ranked,
(SELECT countIf(keep) FROM v_ranked) AS kept`

describe(`${kills} kills at random moments`, () => {
  let server: Awaited<ReturnType<typeof fakeOpenai>>
  const folders: { path: string; remove(): void }[] = []

  beforeAll(async () => {
    server = await fakeOpenai({ latencyMs: 5 })
  })
  afterAll(async () => {
    await server.close()
    for (const folder of folders) folder.remove()
  })

  const newFolder = () => {
    const folder = workFolder({ 'pipeline.yaml': pipeline(server.url) })
    folders.push(folder)
    for (const path of data)
      copyData(path, join(folder.path, path.includes('.') ? `data/${path.split('/')[1]}` : 'data'))
    return folder.path
  }

  const results = async (folder: string) => ({
    files: filesBelow(join(folder, 'out')),
    counts: JSON.parse((await kalam(folder, 'sql', '--format', 'json', counts)).out) as Record<string, number>,
  })

  it('leave export, tables and counts as an undisturbed run has them, and repeat at most one window of calls each', async () => {
    const calm = newFolder()
    const began = performance.now()
    expect((await kalam(calm, 'run')).code).toBe(0)
    const took = performance.now() - began
    const expected = await results(calm)
    const callsOfOneRun = server.stats.answered

    const folder = newFolder()
    const moments = fc.sample(fc.integer({ min: 5, max: 95 }), { numRuns: kills, seed: 20_261 })
    let killed = 0
    for (const share of moments) {
      const run = startKalam(folder, ['run'])
      const timer = setTimeout(() => run.child.kill('SIGKILL'), 800 + (took * share) / 100 / (kills / 2))
      const end = await run.ended
      clearTimeout(timer)
      if (end.signal === 'SIGKILL') killed++
    }
    expect(killed).toBeGreaterThanOrEqual(kills / 2)
    const last = await kalam(folder, 'run')
    expect(last.err).toBe('')
    expect(last.code).toBe(0)

    const actual = await results(folder)
    expect(actual.counts).toEqual(expected.counts)
    for (const [name, bytes] of expected.files) {
      // Reports tell when they were made.
      if (name.startsWith('report.')) continue
      expect(actual.files.get(name)?.equals(bytes), name).toBe(true)
    }
    const verified = await kalam(folder, 'verify')
    expect(verified.out).not.toContain('BROKEN')
    expect(verified.code).toBe(0)
    // Two lines of `slots` calls each may be under way at a kill.
    expect(server.stats.answered - 2 * callsOfOneRun).toBeLessThanOrEqual(killed * 2 * slots)
  }, 900_000)
})
