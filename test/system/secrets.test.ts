import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { chatRows } from '../../bench/translate/chat-rows.ts'
import type { Fault } from '../fake-openai/faults.ts'
import { type FakeCall, fakeOpenai } from '../fake-openai/server.ts'
import { kalamHere } from './here.ts'
import { filesBelow, workFolder } from './kalam.ts'
import { readLine } from './translations.ts'

const secret = 'sk-hunter2-0123456789abcdef'
const password = 'correct-horse-battery'
/** What the server says beside every answer: the scan has to find it where it would find a key. */
const provider = 'provider-of-answers'

const row = (text: string): string =>
  `${JSON.stringify({
    messages: [
      { role: 'user', content: text },
      { role: 'assistant', content: `An answer to it, with some words: ${text}` },
    ],
  })}\n`

/** A server that repeats the key wherever it can: in refusals, errors, pages, and beside and in answers. */
const echoes = ({ headers, body, round }: FakeCall): Fault | undefined => {
  const told = `Incorrect API key provided: ${String(headers.authorization)}`
  const asked = JSON.stringify(body)
  if (asked.includes('refused')) return { kind: 'status', status: 400, body: { error: { message: told } } }
  if (asked.includes('broken') && round < 3) return { kind: 'status', status: 500, body: `<html>${told}` }
  if (asked.includes('limited') && round < 2) return { kind: 'status', status: 429, body: { error: { message: told } } }
  const choices = [{ message: { content: `مرحبا بك ${told}` }, finish_reason: told }]
  if (asked.includes('leaking')) return { kind: 'body', body: { model: told, provider: told, choices } }
  return undefined
}

const pipeline = `pipeline: secrets
partitions: 1
sources: [{ name: chat, path: rows.jsonl, split: train }]
chunkings: { lines25: { by: lines } }
translators: { model: { backend: openai, url: $MODEL_URL, key: $MODEL_KEY, model: fake, chunking: lines25, attempts: 2 } }
rankings: { release: { candidates: [model], keep: { complete: false } } }
`

it('a key is in nothing that is written or shown, also when the server repeats it', { timeout: 120_000 }, async () => {
  const server = await fakeOpenai({ fault: echoes, provider })
  const folder = workFolder({ 'pipeline.yaml': pipeline })
  onTestFinished(async () => {
    await server.close()
    folder.remove()
  })
  writeFileSync(join(folder.path, 'rows.jsonl'), chatRows(2).join('\n'))
  appendFileSync(
    join(folder.path, 'rows.jsonl'),
    `\n${['refused', 'broken', 'limited', 'leaking'].map((word) => row(`This text is ${word} today.`)).join('')}`,
  )
  const file = join(folder.path, 'pipeline.yaml')
  const url = server.url.replace('http://', `http://kalam:${password}@`)
  const env = { MODEL_URL: url, MODEL_KEY: secret, KALAM_DEBUG: '1' }
  const shown: string[] = []
  const command = async (...args: [string, ...string[]]) => {
    const { code, out, err } = await kalamHere(file, env)(...args)
    shown.push(out, err)
    return { code, text: out + err }
  }

  expect(await command('run')).toMatchObject({ code: 0, text: expect.stringContaining('model waits, server_error') })
  const refused = await command('try', 'model', 'This one is refused, too.')
  expect(refused.text).toContain('Incorrect API key provided')
  for (const args of [
    ['try', 'model', 'This one is leaking, too.'],
    ['inspect', 'chat/train/2'],
    ['sql', 'SELECT * FROM v_calls', '--format', 'json'],
    ['estimate'],
    ['memory stats'],
    ['memory export', join(folder.path, 'answers.jsonl')],
  ] as [string, ...string[]][])
    expect([args[0], (await command(...args)).code]).toEqual([args[0], args[0] === 'try' ? 1 : 0])

  // A key that is refused in the middle stops the line, and loses nothing.
  appendFileSync(join(folder.path, 'rows.jsonl'), row('A text that came later.'))
  server.set({ key: secret })
  const other = await kalamHere(file, { ...env, MODEL_KEY: 'sk-another-0123456789' })('run')
  expect([other.code, other.err]).toEqual([
    4,
    expect.stringContaining('translators.model.key in pipeline.yaml and the variable MODEL_KEY'),
  ])
  const mended = await command('run')
  expect([mended.code, mended.text]).toEqual([0, expect.stringContaining('7 read: 7 came in')])

  const { chunks, translations } = await readLine(folder.path, {
    pipeline: 'secrets',
    chunking: 'lines25',
    line: 'model',
  })
  const records = JSON.stringify([chunks, translations])
  const files = [...filesBelow(folder.path)].map(([name, bytes]) => ({ name, text: bytes.toString('latin1') }))
  expect(records).toContain(provider)
  const found = files.filter(({ text }) => text.includes(provider)).map(({ name }) => name)
  expect(found.join(' ')).toMatch(/memory.*|answers\.jsonl/)
  expect(found).toContain('answers.jsonl')
  expect(readFileSync(join(folder.path, 'out/report.html'), 'utf8')).toContain('secrets')
  for (const hidden of [secret, password, 'sk-another']) {
    expect(shown.filter((text) => text.includes(hidden))).toEqual([])
    expect(records.includes(hidden)).toBe(false)
    expect(files.filter(({ text }) => text.includes(hidden)).map(({ name }) => name)).toEqual([])
  }
})
