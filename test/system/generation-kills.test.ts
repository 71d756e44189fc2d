import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fakeOpenai } from '../fake-openai/server.ts'
import { statusLines, talk, topicsIn, writePipeline } from './generations-bench.ts'
import { kalam, startKalam, workFolder } from './kalam.ts'

describe('kills in the middle', () => {
  let server: Awaited<ReturnType<typeof fakeOpenai>>
  const folder = workFolder({ 'data.jsonl': talk(60) })
  const fresh = workFolder({ 'data.jsonl': talk(60) })
  const slots = 4

  beforeAll(async () => {
    server = await fakeOpenai({ latencyMs: 15 })
  })
  afterAll(async () => {
    await server.close()
    folder.remove()
    fresh.remove()
  })
  const yaml = (count: number) => `
pipeline: gens
partitions: 2
sources: [{ name: talk, path: data.jsonl }]
chunkings: { lines: { by: lines, count: ${count} } }
translators: { a: { backend: openai, url: "${server.url}", model: model-a, chunking: lines, slots: ${slots} } }
rankings: { release: { candidates: [a] } }
`
  /** Starts a run, and kills it once something is as the test wants it. */
  const killWhen = async (reached: () => Promise<boolean>, args = ['run', '--follow']): Promise<void> => {
    const run = startKalam(folder.path, args)
    while (run.child.exitCode === null && !(await reached())) await sleep(50)
    run.child.kill('SIGKILL')
    await run.ended
  }

  it('of a replay and of its promotion lose nothing, and ask at most the calls under way again', async () => {
    writePipeline(folder.path, yaml(25))
    expect((await kalam(folder.path, 'run')).code).toBe(0)
    const before = await topicsIn(folder.path)
    writePipeline(folder.path, yaml(1))
    expect((await kalam(folder.path, 'replay', 'lines')).code).toBe(0)
    for (const answered of [40, 120]) {
      const from = server.stats.answered
      await killWhen(async () => server.stats.answered >= from + answered)
    }
    // Beside a run it holds the live line and waits; the kill comes while it does, or just behind.
    await killWhen(async () => {
      const lines = await statusLines(folder.path)
      if (!lines.some(({ state }) => state === 'building')) return false
      void kalam(folder.path, 'promote', 'lines')
      while (!(await statusLines(folder.path)).some(({ state }) => state === 'held' || state === 'live'))
        await sleep(20)
      return true
    })
    expect((await kalam(folder.path, 'run')).code).toBe(0)
    const promoted = await kalam(folder.path, 'promote', 'lines')
    expect(promoted.code, promoted.err).toBe(0)
    expect((await kalam(folder.path, 'promote', 'lines')).out).toContain('nothing of lines is being built')
    const verified = await kalam(folder.path, 'verify')
    expect(verified.out).not.toContain('BROKEN')
    const rows = await kalam(folder.path, 'sql', '--format', 'json', 'SELECT count() AS n FROM v_ranked')
    expect(JSON.parse(rows.out)).toEqual({ n: 60 })

    const repeated = server.stats.repeated
    writePipeline(fresh.path, yaml(1))
    expect((await kalam(fresh.path, 'run')).code).toBe(0)
    expect(repeated).toBeLessThanOrEqual(3 * slots)
    const [made, wanted] = [await topicsIn(folder.path), await topicsIn(fresh.path)]
    for (const topic of ['chunks.lines', 'translations.a', 'scored.a', 'ranked.release']) {
      expect(made.get(`${topic}.g2`)!.said, topic).toEqual(wanted.get(topic)!.said)
      expect(made.get(topic)!.hash, topic).toBe(before.get(topic)!.hash)
    }
  }, 600_000)
})
