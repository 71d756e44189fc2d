import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { fakeOpenai } from '../fake-openai/server.ts'
import { startKalam, workFolder } from './kalam.ts'

const env = { FAKE_KEY: 'sk-secret-0123456789' }

const setUp = async () => {
  const server = await fakeOpenai({ prices: { promptNano: 80, completionNano: 160 }, key: env.FAKE_KEY, record: true })
  const yaml = `
pipeline: trial
sources: [{ name: chat, path: rows.jsonl, split: train }]
chunkings: { lines25: { by: lines } }
translators: { model: { backend: openai, url: "${server.url}", model: fake, key: $FAKE_KEY, chunking: lines25 } }
rankings: { release: { candidates: [model] } }
`
  const folder = workFolder({ 'pipeline.yaml': yaml })
  onTestFinished(async () => {
    await server.close()
    folder.remove()
  })
  const row = {
    messages: [
      { role: 'user', content: 'Please open `a.py` and read it.' },
      { role: 'assistant', content: 'It is open now.' },
    ],
  }
  writeFileSync(join(folder.path, 'rows.jsonl'), JSON.stringify(row))
  const run = async (...args: string[]) => {
    const ended = await startKalam(folder.path, args, env).ended
    expect(ended.out + ended.err).not.toContain(env.FAKE_KEY)
    return ended
  }
  return { server, run, folder: folder.path }
}

it('shows request, answer, checks and result, remembers what it paid for, and moves to another memory', {
  timeout: 300_000,
}, async () => {
  const { server, run, folder } = await setUp()
  const text = 'Please run `main.py` today.'
  const dry = await run('try', 'model', text, '--dry')
  expect([dry.code, server.stats.calls]).toEqual([0, 0])
  expect(dry.out).toContain('inline_code  `main.py`')
  expect(dry.out).toContain('"model": "fake"')
  expect(dry.out).toContain('the memory has no answer to it')

  const tried = await run('try', 'model', text)
  expect(tried.code, tried.err).toBe(0)
  expect(tried.out).toMatch(/checks: nothing found[\s\S]*result\n {2}.*`main\.py`/)
  expect(server.stats.calls).toBe(1)
  const again = JSON.parse((await run('try', 'model', text, '--json')).out)
  expect(again.steps[0].answer.fromMemory).toBe(true)
  expect(again.outcome.text).toContain('`main.py`')
  const known = await run('try', 'model', text, '--dry')
  expect(known.out).toMatch(/answer, from the memory[\s\S]*checks: nothing found[\s\S]*result\n {2}.*`main\.py`/)
  expect(server.stats.calls).toBe(1)

  expect((await run('run')).code).toBe(0)
  const calls = server.stats.calls
  const whole = await run('try', 'model', 'chat/train/0#0')
  expect(whole.out).toContain('answer, from the memory')
  expect(server.stats.calls).toBe(calls)
  expect((await run('try', 'model', 'chat/train/9')).code).toBe(1)

  const stats = JSON.parse((await run('memory', 'stats', '--json')).out)
  expect(stats).toMatchObject({
    answers: calls,
    models: { fake: calls },
    accounts: [{ name: 'model', spent: { calls: calls - 1 } }],
  })
  expect((await run('memory', 'export', 'answers.jsonl')).code).toBe(0)
  writeFileSync(join(folder, 'more.jsonl'), `${readFileSync(join(folder, 'answers.jsonl'), 'utf8')}no answer\n`)
  expect((await run('memory', 'prune', '--model', 'fake')).out).toContain('forgotten')
  const imported = await run('memory', 'import', 'more.jsonl')
  expect([imported.code, imported.out, imported.err]).toEqual([
    1,
    expect.stringContaining(`${calls} answers added`),
    expect.stringContaining(`more.jsonl:${calls + 1}: it is no exported answer`),
  ])
  await run('try', 'model', text)
  expect(server.stats.calls).toBe(calls)
})
