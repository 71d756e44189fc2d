import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { chatRows } from '../../bench/translate/chat-rows.ts'
import { totalsOf } from '../fake-openai/books.ts'
import { type FakeOptions, fakeOpenai } from '../fake-openai/server.ts'
import { backendOf, requestOf } from '../services/translate/fake-line.ts'
import { kalam, startKalam, workFolder } from './kalam.ts'
import { type LineContent, readLine } from './translations.ts'

const isLong = process.env.KALAM_LONG === '1'
/** Of 2,000 rows come 10,000 chunks that are asked for. */
const rows = isLong ? 2000 : 70
const kills = isLong ? 10 : 2
const slots = 32
const attempts = 5
/** More often where there are few, so that some are met. */
const badAnswers = isLong ? 0.02 : 0.1
const timeoutS = 5
const model = 'fake'
const names = { pipeline: 'faults', chunking: 'lines25', line: 'model' }

const pipeline = (url: string) => `
pipeline: faults
sources: [{ name: chat, path: rows.jsonl }]
chunkings: { lines25: { by: lines } }
translators:
  model:
    { backend: openai, url: "${url}", model: ${model}, chunking: lines25, slots: ${slots}, attempts: ${attempts}, timeout_s: ${timeoutS} }
rankings: { release: { candidates: [model] } }
`

const setUp = async (options: FakeOptions) => {
  const server = await fakeOpenai({ prices: { promptNano: 80, completionNano: 160 }, latencyMs: 10, ...options })
  const folder = workFolder({ 'pipeline.yaml': pipeline(server.url) })
  onTestFinished(async () => {
    await server.close()
    folder.remove()
  })
  writeFileSync(join(folder.path, 'rows.jsonl'), chatRows(rows).join('\n'))
  const backend = backendOf(server.url, { model })
  onTestFinished(() => backend.close?.())
  // What is asked to see whether the server works: no chunk's.
  const probe = createHash('sha256')
    .update(backend.render(requestOf('Hello.')))
    .digest('hex')
  /** What the server booked of the chunks' own calls. */
  const booked = () => totalsOf(server.calls().filter(({ hash }) => hash !== probe))
  /** Answers that were paid more than once: how long the first took, and the time until it was asked for again. */
  const paidTwice = () => {
    const paid = server.calls().filter((call) => call.paid && call.hash !== probe)
    return paid.flatMap((again, i) => {
      const first = again.round > 1 ? paid.slice(0, i).find(({ hash }) => hash === again.hash) : undefined
      return first ? [{ tookMs: first.endMs - first.startMs, againAfterMs: again.startMs - first.endMs }] : []
    })
  }
  return { folder: folder.path, server, booked, paidTwice }
}

/** What every run must leave, whatever the server did: one whole record for every chunk. */
const expectWhole = ({ chunks, translations }: LineContent) => {
  expect(translations.map(({ place }) => place)).toEqual(chunks.map(({ place }) => place))
  expect(new Set(chunks.map(({ place }) => place)).size).toBe(chunks.length)
  for (const [i, { place, body }] of translations.entries()) {
    const { kind, text } = chunks[i]!.body
    const { status, reason, target_text } = body
    if (kind === 'keep' || status === 'kept') expect([place, status, target_text]).toEqual([place, 'kept', null])
    else if (status === 'failed')
      expect([place, target_text, reason]).toEqual([place, null, expect.stringMatching(/./)])
    else expect([place, status, /\S/.test(target_text ?? '')]).toEqual([place, 'translated', /\S/.test(text)])
  }
}

/** Attempts say why there is another one: only the last of a text is good, or accepted with a flag; parts are texts of their own. */
const expectExplained = ({ translations }: LineContent) => {
  for (const { place, body } of translations) {
    const outcomes = body.attempts.map(({ outcome }) => outcome)
    const last = outcomes.at(-1)
    if (body.status === 'translated' && last) expect([place, 'ok', ...body.flags]).toContain(last)
    else if (body.status === 'failed' && last && body.reason !== 'placeholders')
      expect([place, last]).toEqual([place, body.reason])
    const whole = body.attempts.filter(({ step }) => !/split|pieces/.test(step)).slice(0, -1)
    for (const { outcome } of whole) expect([place, outcome]).not.toEqual([place, 'ok'])
    expect([place, outcomes.every((outcome) => /^[a-z_]+$/.test(outcome))]).toEqual([place, true])
  }
}

describe('a translator behind a server at fault', { timeout: isLong ? 900_000 : 120_000 }, () => {
  it('gives every chunk its record and pays for no answer twice', async () => {
    const mix = { rateLimited: 0.05, serverErrors: 0.02, hangs: 0.005, badAnswers }
    const { folder, booked, paidTwice } = await setUp(mix)
    const { code, err } = await kalam(folder, 'run')
    expect(code, err).toBe(0)
    expect(paidTwice()).toEqual([])
    const line = await readLine(folder, names)
    expectWhole(line)
    expectExplained(line)
    const made = line.translations.flatMap(({ body }) => body.attempts.filter(({ from_memory }) => !from_memory))
    const books = booked()
    expect(books).toMatchObject({ paid: made.length, paidRequests: made.length, paidAgain: 0 })
    // The greeting at the start is in it, too.
    expect(line.remembered).toBe(made.length + 1)
    expect(books.nano).toBe(made.reduce((sum, { cost_usd }) => sum + Math.round((cost_usd ?? Number.NaN) * 1e9), 0))
    expect(made.length).toBeGreaterThan(rows * 4)
    expect(made.filter(({ outcome }) => outcome !== 'ok').length).toBeGreaterThan(0)
    expect(books.outcomes).toMatchObject({ status_429: expect.any(Number), status_500: expect.any(Number) })
  })

  it(`pays again for at most the calls under way at each of ${kills} kills`, async () => {
    const mix = { rateLimited: 0.05, serverErrors: 0.02, badAnswers, latencyMs: 30 }
    const { folder, booked, server } = await setUp(mix)
    // Kills at even distances, so that every run has something left to do.
    const step = (rows * 4) / (kills + 1)
    for (let kill = 1; kill <= kills; kill++) {
      const run = startKalam(folder, ['run'])
      while (server.stats.answered < step * kill && run.child.exitCode === null) await sleep(5)
      run.child.kill('SIGKILL')
      expect((await run.ended).signal).toBe('SIGKILL')
    }
    const { code, err } = await kalam(folder, 'run')
    expect(code, err).toBe(0)
    const line = await readLine(folder, names)
    expectWhole(line)
    expectExplained(line)
    const { paidAgain, paidRequests } = booked()
    expect(paidAgain).toBeLessThanOrEqual(kills * slots)
    expect(line.remembered).toBe(paidRequests + 1)
  })
})
