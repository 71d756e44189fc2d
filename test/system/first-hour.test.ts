import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { fakeOpenai } from '../fake-openai/server.ts'
import { kalamHere } from './here.ts'
import { startKalam, workFolder } from './kalam.ts'

/** Conversations in a shape of their own; some have answers that are translated only by a warmer model. */
const rowsOf = (topic: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => {
    const said = i % 50 === 7 ? `This one is stubborn ${topic} ${i}.` : `It is the ${topic} with ${i} names.`
    const turns = [
      { who: 'human', said: `Tell me about ${topic} number ${i}.` },
      { who: 'bot', said },
    ]
    return JSON.stringify({ conv: `c${i}`, meta: { lang: 'en' }, thread: { turns } })
  })

const key = 'sk-walk-0123456789'

const setUp = async () => {
  const empty = { kind: 'body' as const, body: { choices: [{ message: { content: '' }, finish_reason: 'stop' }] } }
  const server = await fakeOpenai({
    ...{ key, prices: { promptNano: 80, completionNano: 160 } },
    fault: ({ body }) =>
      JSON.stringify(body).includes('stubborn') && Number(body.temperature) < 1.2 ? empty : undefined,
  })
  const folder = workFolder()
  onTestFinished(async () => {
    await server.close()
    folder.remove()
  })
  const rivers = rowsOf('river', 220)
  rivers[5] = '{"broken'
  mkdirSync(join(folder.path, 'data'))
  writeFileSync(join(folder.path, 'data/rivers.jsonl'), rivers.join('\n'))
  writeFileSync(join(folder.path, 'data/breads.jsonl'), rowsOf('bread', 60).join('\n'))
  return { server, folder: folder.path, file: join(folder.path, 'pipeline.yaml') }
}

it('goes from a file in a shape that nobody knows to two splits, with commands that --help names', {
  timeout: 120_000,
}, async () => {
  const { server, folder, file } = await setUp()
  const help = (await startKalam(folder, ['--help']).ended).out
  const walk = async (env: Record<string, string>, code: number, command: string, ...args: string[]) => {
    expect(help).toMatch(new RegExp(`^  ${command.split(' ')[0]} `, 'm'))
    const ended = await kalamHere(file, env)(command, ...args)
    expect([command, ended.code, ended.err]).toEqual([command, code, expect.any(String)])
    return ended.out + ended.err
  }
  const edit = (from: string | RegExp, to: string) => {
    const text = readFileSync(file, 'utf8')
    expect(text).toMatch(from)
    writeFileSync(file, text.replace(from, to))
  }
  const env = { MODEL_URL: server.url, MODEL_KEY: key }

  // The shape is shown and left to be said; until then nothing can be run by mistake.
  const shown = await walk({}, 1, 'init', join(folder, 'data'), '-o', file)
  expect(shown).toContain('  thread.turns  a list of {who, said}; who: human, bot\n')
  expect(await walk({}, 1, 'run')).toContain('sources[0].columns.messages: name the column of the list of messages')
  edit(
    'columns: { messages: "" }',
    'columns: { messages: thread.turns, role: who, content: said, roles: { bot: assistant } }',
  )
  edit(
    '  pseudo: { backend: pseudo, chunking: tokens490 }',
    '  gemma3: { backend: openai, url: $MODEL_URL, key: $MODEL_KEY, model: fake, chunking: lines25, price: { prompt: 0.08, completion: 0.16 } }',
  )
  edit('candidates: [pseudo]', 'candidates: [gemma3]')
  expect(await walk({}, 1, 'config check')).toContain('translators.gemma3.key: the variable MODEL_KEY is not set')

  expect(await walk(env, 0, 'try', 'gemma3', 'How are you?')).toContain('checks: nothing found')
  const sample = await walk(env, 0, 'run', '--sample', '200')
  expect(sample).toContain('280 read: 259 came in, 20 left out, 1 bad')
  expect(sample).toMatch(/answer tokens\/s[\s\S]*260 rows of 280 rows in 2 splits are drawn/)
  const before = server.stats.calls
  const estimate = await walk(env, 0, 'estimate')
  expect(estimate).toMatch(/280 rows in 2 splits[\s\S]*saved {5}5\d\d answers of the memory/)
  const ran = await walk(env, 0, 'run')
  expect(ran).toMatch(/280 read: 279 came in, 1 bad[\s\S]*7 chunks failed\. gemma3: empty 7/)
  expect(server.stats.calls - before).toBeLessThan(20 * 2 + 5)

  expect(await walk(env, 0, 'dead-letters list')).toContain('rivers.jsonl:6  invalid_json')
  expect(await walk(env, 0, 'dead-letters show', 'data/rivers/5')).toContain('{"broken')
  expect(await walk(env, 0, 'why', 'rivers.jsonl:6')).toContain('never came in: bad at ingest, invalid_json')
  expect(await walk(env, 0, 'inspect', 'data/rivers/7')).toContain('! hole: chunk 0: empty')

  edit('scr: ">= 0.8"', 'scr: ">= 0.9"')
  const plan = await walk(env, 1, 'plan')
  expect(plan).toContain('! rank release: keep.scr: ">= 0.8" became ">= 0.9"')
  expect(plan).toContain('kalam replay release')
  edit('scr: ">= 0.9"', 'scr: ">= 0.8"')
  expect(await walk(env, 0, 'plan')).toContain('Nothing was edited')

  const ids = [7, 57, 107, 157, 207, 1, 2, 3, 4, 8].map((row) => `data/rivers/${row}\n`)
  writeFileSync(join(folder, 'ids.txt'), ids.join(''))
  const asked = ['gemma3', '--ids', join(folder, 'ids.txt'), '--set', 'sampling.temperature=1.5']
  expect(await walk(env, 0, 'retry', ...asked)).toContain('asks anew for 20 chunks of gemma3: 20 to 100 calls')
  const calls = server.stats.calls
  expect(await walk(env, 0, 'run')).toContain('2 chunks failed. gemma3: empty 2')
  expect(server.stats.calls - calls).toBe(20)

  expect(await walk(env, 0, 'export', 'release')).toContain('release: 277 kept, 2 dropped')
  for (const name of ['rivers.jsonl', 'rivers.parquet', 'breads.jsonl', 'breads.parquet'])
    expect([name, existsSync(join(folder, 'out/release/data', name))]).toEqual([name, true])
})
