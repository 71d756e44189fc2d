import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Io } from '../../cli/io.ts'
import { runProgram } from '../../cli/program.ts'
import type { Estimate } from '../../services/estimate/estimate-result.ts'
import { fakeOpenai } from '../fake-openai/server.ts'
import { startKalam, workFolder } from '../system/kalam.ts'

const sentences = ['Rivers carry sand to the sea.', 'Bread needs time.', 'See `npm ci` first, then go on with it.']

const rowsOf = (count: number, topic: string): string =>
  Array.from({ length: count }, (_, i) =>
    JSON.stringify({
      messages: [
        { role: 'user', content: `Tell me about ${topic} number ${i % (count - 2)}.` },
        { role: 'assistant', content: `${sentences[i % 3]}\nThat was ${topic} ${i}.` },
      ],
    }),
  ).join('\n')

const pipeline = (url: string) => `
pipeline: estimated
partitions: 2
sources: [{ name: talk, path: data }]
chunkings: { lines25: { by: lines } }
translators:
  first: { backend: openai, url: "${url}", model: one, chunking: lines25, samples: 2, sampling: { temperature: 0.7 },
    price: { prompt: 1, completion: 2 } }
  second: { backend: openai, url: "${url}", model: two, chunking: lines25, splits: { only: [beta] } }
  local: { backend: pseudo, chunking: lines25 }
rankings:
  release: { candidates: [first] }
`

const savedBy = ({ translators }: Estimate): number =>
  translators.reduce((all, { total }) => all + total.saved.calls, 0)

describe('kalam estimate', () => {
  const folder = workFolder()
  let server: Awaited<ReturnType<typeof fakeOpenai>>
  /** In this process: a child needs its time to start. */
  const command = async (...argv: string[]): Promise<{ code: number; out: string; err: string }> => {
    const ended = { code: 0, out: '', err: '' }
    const io: Io = {
      out: (text) => {
        ended.out += text
      },
      err: (text) => {
        ended.err += text
      },
      ...{ env: {}, cwd: '.', columns: 100, isTty: false },
    }
    const file = join(folder.path, 'pipeline.yaml')
    ended.code = await runProgram(['estimate', file, ...argv], io, () => Promise.reject(new Error('it was opened')))
    return ended
  }
  const estimate = async (...argv: string[]): Promise<Estimate> => {
    const ended = await command('--json', ...argv)
    expect(ended.code, ended.err).toBe(0)
    return JSON.parse(ended.out) as Estimate
  }

  beforeAll(async () => {
    server = await fakeOpenai({})
    mkdirSync(join(folder.path, 'data'))
    writeFileSync(join(folder.path, 'data/alpha.jsonl'), rowsOf(60, 'rivers'))
    writeFileSync(join(folder.path, 'data/beta.jsonl'), `${rowsOf(30, 'bread')}\nno json\n`)
    writeFileSync(join(folder.path, 'pipeline.yaml'), pipeline(server.url))
  })
  afterAll(async () => {
    await server.close()
    folder.remove()
  })

  it('calls nothing, writes nothing, and says who receives the texts', async () => {
    const { code, out, err } = await command()
    expect([code, err]).toEqual([0, ''])
    expect(out).toMatch(/^estimated: 91 rows in 2 splits, all of them looked at; about 1 row would not come in\n/)
    expect(out).toContain('first, one, 2 samples, 64 slots\n')
    expect(out).toMatch(/receives {2}127\.0\.0\.1:\d+: stays on this machine/)
    expect(out).toContain('without second: price not known')
    expect(server.books().calls).toBe(0)
    expect(existsSync(join(folder.path, '.kalam'))).toBe(false)
  })

  it('has the calls, tokens and money of the run between its ends, and nothing is left behind it', async () => {
    const before = await estimate()
    server.set({ latencyMs: 1000 })
    const run = startKalam(folder.path, ['run'])
    let isRunning = true
    void run.ended.finally(() => {
      isRunning = false
    })
    let beside = 0
    for (; isRunning && beside === 0; await sleep(500)) beside = savedBy(await estimate())
    expect(isRunning, 'an estimate beside the run sees what it has by now').toBe(true)
    server.set({ latencyMs: 0 })
    const ended = await run.ended
    expect(ended.code, ended.err).toBe(0)
    const totals = server.books()
    const sum = (end: 'low' | 'high', of: 'calls' | 'promptTokens' | 'answerTokens') =>
      before.translators.reduce((all, { total }) => all + (total.cost?.[of][end] ?? 0), 0)
    // Each translator is asked for a greeting at the start.
    expect(sum('low', 'calls')).toBe(totals.requests - 2)
    expect(sum('high', 'calls')).toBeGreaterThanOrEqual(totals.calls)
    expect(before.translators.map(({ splits }) => splits.length)).toEqual([2, 1, 2])
    const after = await estimate()
    for (const { total } of after.translators) expect(total.cost?.calls.high ?? 0).toBe(0)
    expect(savedBy(after)).toBe(totals.requests - 2)
    expect(beside).toBeLessThan(totals.requests)
    expect(after.translators[0]!.measured).toContain('answer tokens')
  }, 120_000)

  it('draws the same rows by the same seed, and says how many there are', async () => {
    const [one, same, other] = await Promise.all([
      estimate('--rows', '10'),
      estimate('--rows', '10'),
      estimate('--rows', '10', '--seed', '2'),
    ])
    expect(same).toEqual(one)
    expect(other.translators[0]!.splits).not.toEqual(one.translators[0]!.splits)
    expect(one.splits.map(({ rows, sampledRows }) => [Math.round(rows), sampledRows])).toEqual([
      [60, 10],
      [31, 10],
    ])
  })
})
