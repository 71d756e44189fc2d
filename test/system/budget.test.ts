import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { chatRows } from '../../bench/translate/chat-rows.ts'
import { lmdbMemory } from '../../services/translate/lmdb-memory.ts'
import { totalsOf } from '../fake-openai/books.ts'
import { type FakeOptions, fakeOpenai } from '../fake-openai/server.ts'
import { startKalam, workFolder } from './kalam.ts'

const rows = 40
const slots = 8

const pipeline = (url: string, budget: string) => `
pipeline: money
sources: [{ name: chat, path: rows.jsonl }]
chunkings: { lines25: { by: lines } }
translators:
  free: { backend: pseudo, chunking: lines25 }
  model:
    { backend: openai, url: "${url}", model: fake, chunking: lines25, slots: ${slots}, timeout_s: 5, key: $FAKE_KEY,
      price: { prompt: 0.08, completion: 0.16 }, budget: ${budget} }
rankings: { release: { candidates: [model, free] }, other: { candidates: [free] } }
`
const env = { FAKE_KEY: 'sk-fake-0123456789' }

const setUp = async (options: FakeOptions = {}) => {
  // 80 and 160 nano-dollars a token are 0.08 and 0.16 dollars a million.
  const server = await fakeOpenai({ prices: { promptNano: 80, completionNano: 160 }, key: env.FAKE_KEY, ...options })
  const folder = workFolder()
  onTestFinished(async () => {
    await server.close()
    folder.remove()
  })
  writeFileSync(join(folder.path, 'rows.jsonl'), chatRows(rows).join('\n'))
  const budget = (text: string) => writeFileSync(join(folder.path, 'pipeline.yaml'), pipeline(server.url, text))
  const run = (...options: string[]) => startKalam(folder.path, ['run', ...options], env)
  const account = async () => {
    const memory = lmdbMemory({ folder: join(folder.path, '.kalam/memory') })
    const found = memory.ledger.account('model')
    await memory.close()
    return found
  }
  const bill = () => totalsOf(server.calls())
  return { path: folder.path, server, budget, run, account, bill }
}

describe('a budget', { timeout: 300_000 }, () => {
  it('stops its line with exit code 4 and lets the others end; raising it goes on and pays nothing twice', async () => {
    const { budget, run, account, bill, path } = await setUp()
    budget('{ usd: 0.002 }')
    const stopped = await run('--until-budget').ended
    expect([stopped.code, stopped.err]).toEqual([4, expect.stringContaining('the budget is used up')])
    expect(stopped.err).toContain('stopped: model; all else is through')
    expect(stopped.out).toMatch(/^money {2}stopped after \d+ m?s: model stands still\n/)
    expect(stopped.err).toContain('Raise translators.model.budget in pipeline.yaml')
    const first = await account()
    expect(first.spent.nano).toBe(bill().nano)
    expect(first.spent.nano).toBeLessThanOrEqual(2_000_000)
    expect(first).toMatchObject({ inDoubt: { nano: 0, calls: 0 }, reserved: { nano: 0, calls: 0 } })
    const done = await startKalam(
      path,
      ['sql', "SELECT count() FROM v_ranked WHERE ranking = 'other'", '--format', 'csv'],
      env,
    ).ended
    expect(done.out).toContain(String(rows))

    budget('{ usd: 5 }')
    const whole = await run().ended
    expect(whole.code, whole.err).toBe(0)
    expect(whole.out).toMatch(/^money {2}done in /)
    expect((await account()).spent.nano).toBe(bill().nano)
    expect(bill().paidAgain).toBe(0)
    expect(bill().nano).toBeGreaterThan(2_000_000)
  })

  it('that is too small for all gives every split its share', async () => {
    const server = await fakeOpenai({ record: true })
    const rowsOf = { large: 160, small: 40 }
    const rowsText = ([split, count]: [string, number]) =>
      Array.from({ length: count }, (_, i) =>
        JSON.stringify({ messages: [{ role: 'user', content: `Say the number ${i} in the ${split} split.` }] }),
      ).join('\n')
    const splits = Object.entries(rowsOf)
    const folder = workFolder({
      ...Object.fromEntries(splits.map((split) => [`${split[0]}.jsonl`, rowsText(split)])),
      'pipeline.yaml': `
pipeline: shares
sources: [${splits.map(([split]) => `{ name: ${split}, path: ${split}.jsonl }`).join(', ')}]
chunkings: { all: { by: tokens } }
translators: { model: { backend: openai, url: "${server.url}", model: fake, chunking: all, slots: 4, budget: { calls: 60 } } }
rankings: { release: { candidates: [model] } }
`,
    })
    onTestFinished(async () => {
      await server.close()
      folder.remove()
    })
    // The least that it can take is known before.
    const refused = await startKalam(folder.path, ['run']).ended
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('--until-budget')])
    expect(server.stats.calls).toBe(0)
    expect((await startKalam(folder.path, ['run', '--until-budget']).ended).code).toBe(4)
    const asked = (split: string) =>
      server.received.filter(({ body }) => JSON.stringify(body).includes(`the ${split} split`)).length
    // The greeting before them is none of the dataset's. A fifth of the rows gets about a fifth of the calls.
    expect(asked('large') + asked('small')).toBe(60)
    expect(asked('small')).toBeGreaterThanOrEqual(6)
    expect(asked('small')).toBeLessThanOrEqual(18)
  })

  it('counts calls in doubt after a kill, so that the bill lies between the ledger and its doubts', async () => {
    const { budget, run, account, bill, server } = await setUp({ latencyMs: 20 })
    budget('{ usd: 5 }')
    for (const calls of [30, 80]) {
      const { child, ended } = run()
      while (server.stats.answered < calls && child.exitCode === null) await sleep(2)
      child.kill('SIGKILL')
      await ended
    }
    const whole = await run().ended
    expect(whole.code, whole.err).toBe(0)
    const { spent, inDoubt, reserved } = await account()
    expect(reserved.calls).toBe(0)
    expect(inDoubt.calls).toBeGreaterThan(0)
    expect(inDoubt.calls).toBeLessThanOrEqual(2 * slots)
    expect(spent.nano).toBeLessThanOrEqual(bill().nano)
    expect(spent.nano + inDoubt.nano).toBeGreaterThanOrEqual(bill().nano)
  })
})

describe('a budget whose ledger was lost', { timeout: 300_000 }, () => {
  it('is used up by what the records tell, and pays only what is raised', async () => {
    const { budget, run, account, bill, path } = await setUp()
    budget('{ calls: 30 }')
    expect((await run('--until-budget').ended).code).toBe(4)
    expect((await account()).spent).toMatchObject({ nano: bill().nano, calls: 30 })
    const paid = bill().paid
    rmSync(join(path, '.kalam/memory'), { recursive: true })
    const again = await run('--until-budget').ended
    expect([again.code, again.err]).toEqual([4, expect.stringContaining('30 of 30 calls are made')])
    // Answers whose chunks were not whole when the budget was used up are in no record.
    expect(bill().paid - paid).toBeLessThanOrEqual(slots + 1)
    const before = bill().paid
    budget('{ calls: 40 }')
    expect((await run('--until-budget').ended).code).toBe(4)
    expect((await account()).spent).toMatchObject({ calls: 40 })
    // One of them is a greeting.
    expect(bill().paid - before).toBeLessThanOrEqual(11)
  })
})

describe('a daily quota', { timeout: 300_000 }, () => {
  it('holds over restarts, and says when the line goes on', async () => {
    const { budget, run, server } = await setUp()
    const most = 20
    budget(`{ usd: 5 }, rates: { requests_per_day: ${most} }`)
    for (let round = 0; round < 2; round++) {
      const { child, ended } = run()
      let said = ''
      child.stderr!.on('data', (text: string) => {
        said += text
      })
      await expect
        .poll(() => said, { timeout: 60_000 })
        .toContain(`the ${most} calls of this day are made, 00:00 UTC begins the next`)
      // The last of them are counted a moment before they are at the server.
      await expect.poll(() => server.stats.calls, { timeout: 10_000 }).toBe(most)
      child.kill('SIGINT')
      expect((await ended).code).toBe(130)
      expect(server.stats.calls).toBe(most)
    }
  })
})

describe('a refused key', { timeout: 300_000 }, () => {
  it('at the start is one message that names the key and its variable, before anything is asked', async () => {
    const { budget, path, server } = await setUp({ key: 'sk-another' })
    budget('{ usd: 5 }')
    const { code, err } = await startKalam(path, ['run'], env).ended
    expect(code).toBe(1)
    expect(err).toContain('Check translators.model.key in pipeline.yaml and the variable FAKE_KEY')
    expect(err + JSON.stringify(server.received)).not.toContain(env.FAKE_KEY)
    expect(server.stats.calls).toBe(1)
  })
})
