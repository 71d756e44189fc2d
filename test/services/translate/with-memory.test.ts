import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { pseudoText } from '../../../services/translate/backends/pseudo.ts'
import { lmdbMemory } from '../../../services/translate/lmdb-memory.ts'
import { translateChunk } from '../../../services/translate/translate-chunk.ts'
import { noUsage } from '../../../services/translate/translator.ts'
import { memoryKey, remembered } from '../../../services/translate/with-memory.ts'
import { type FakeOptions, fakeOpenai } from '../../fake-openai/server.ts'
import { startProcess, workFolder } from '../../system/kalam.ts'
import { backendOf, calm, chunkOf, lineOf, rejection, requestOf, shortMemory } from './fake-line.ts'

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

const setUp = async (options: FakeOptions = {}, memory = shortMemory()) => {
  const server = await fakeOpenai(options)
  const backend = backendOf(server.url, { slots: 64 })
  const translator = remembered(backend, memory)
  open.push(server.close, () => backend.close?.())
  return { server, memory, backend, translator }
}

describe('an answer', () => {
  it('is in the memory before it is given', async () => {
    const { memory, backend, translator } = await setUp()
    const answer = await translator.translate(requestOf('Hello'), { signal: calm })
    expect(answer.fromMemory).toBeUndefined()
    expect(memory.answers.get(memoryKey(backend, requestOf('Hello')))).toEqual(answer)
  })

  it('is asked for once, and marked when it comes from memory', async () => {
    const { server, translator } = await setUp()
    const asked = await translator.translate(requestOf('Hello'), { signal: calm })
    const known = await translator.translate(requestOf('Hello', { id: 'other/train/1' }), { signal: calm })
    expect(known).toEqual({ ...asked, fromMemory: true })
    expect(server.stats.calls).toBe(1)
  })

  it('belongs to its text, sample, attempt and translator', async () => {
    const { backend } = await setUp()
    const other = backendOf('http://a/v1', { model: 'other' })
    const keys = [
      memoryKey(backend, requestOf('Hello')),
      memoryKey(backend, requestOf('Hello.')),
      memoryKey(backend, requestOf('Hello', { sample: 1 })),
      memoryKey(backend, requestOf('Hello', { attempt: 1 })),
      memoryKey(backend, requestOf('Hello', { targetLanguage: 'fr' })),
      memoryKey(other, requestOf('Hello')),
    ]
    expect(new Set(keys).size).toBe(keys.length)
    expect(keys[0]).toMatch(/^[0-9a-f]{64}$/)
    expect(memoryKey(backend, requestOf('Hello', { id: 'x/y/0', messageIndex: 9 }))).toBe(keys[0])
  })

  it('that another process stored first is the one that stands', async () => {
    const memory = shortMemory()
    const { backend, translator } = await setUp({}, { ...memory, get: async (keys) => keys.map(() => undefined) })
    const ours = await backend.translate(requestOf('Hello'), { signal: calm })
    memory.answers.set(memoryKey(backend, requestOf('Hello')), { ...ours, text: 'theirs' })
    expect((await translator.translate(requestOf('Hello'), { signal: calm })).text).toBe('theirs')
  })

  it('is none when another process gave the call up first, as a replay will see', async () => {
    const memory = shortMemory()
    const { backend, translator } = await setUp({}, { ...memory, get: async (keys) => keys.map(() => undefined) })
    const failure = { code: 'server_error' as const, message: 'translating: 500', ofText: false }
    memory.answers.set(memoryKey(backend, requestOf('Hello')), { text: '', usage: noUsage, failure })
    const asked = translator.translate(requestOf('Hello'), { signal: calm })
    expect(await rejection(asked)).toMatchObject({ code: 'server_error', details: { remembered: true } })
  })

  it('is not waited for by a line that stops while its memory is away', async () => {
    const stop = new AbortController()
    const { translator } = await setUp({}, { ...shortMemory(), get: () => new Promise(() => undefined) })
    const asked = translator.translate(requestOf('Hello'), { signal: stop.signal })
    stop.abort(new Error('stopped'))
    expect(await rejection(asked)).toMatchObject({ message: 'stopped' })
  })
})

describe('equal calls under way', () => {
  it('are one call', async () => {
    const { server, translator } = await setUp({ latencyMs: 10 })
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => translator.translate(requestOf(`Text ${i % 2}`), { signal: calm })),
    )
    expect(server.stats.calls).toBe(2)
    expect(answers.filter(({ fromMemory }) => fromMemory)).toHaveLength(48)
    expect(new Set(answers.map(({ text }) => text)).size).toBe(2)
  })

  it('fail together, and are asked again afterwards', async () => {
    const { server, translator } = await setUp({ fault: ({ round }) => (round === 1 ? { kind: 'reset' } : undefined) })
    const thrown = await Promise.all(
      [1, 2].map(() => rejection(translator.translate(requestOf('Hello'), { signal: calm }))),
    )
    expect(thrown.map((error) => (error as { code?: string }).code)).toEqual([
      'backend_unreachable',
      'backend_unreachable',
    ])
    expect((await translator.translate(requestOf('Hello'), { signal: calm })).text).toBe(pseudoText('Hello'))
    expect(server.stats.calls).toBe(2)
  })

  it('do not end with the one that is aborted', async () => {
    const { server, translator } = await setUp({ fault: ({ round }) => (round === 1 ? { kind: 'hang' } : undefined) })
    const stop = new AbortController()
    const aborted = rejection(translator.translate(requestOf('Hello'), { signal: stop.signal }))
    const other = translator.translate(requestOf('Hello'), { signal: calm })
    await expect.poll(() => server.stats.calls).toBe(1)
    stop.abort()
    await aborted
    expect((await other).text).toBe(pseudoText('Hello'))
  })

  it('end at once for one that is aborted while the other goes on', async () => {
    const { server, translator } = await setUp({ latencyMs: 50 })
    const stop = new AbortController()
    const first = translator.translate(requestOf('Hello'), { signal: calm })
    const second = rejection(translator.translate(requestOf('Hello'), { signal: stop.signal }))
    await expect.poll(() => server.stats.calls).toBe(1)
    stop.abort()
    expect(await second).toBe(stop.signal.reason)
    expect((await first).text).toBe(pseudoText('Hello'))
  })
})

it('replays refused answers on the same path without a call', async () => {
  const answers = ['', ' ', 'أهلا']
  const { server, translator, memory } = await setUp({ answer: () => answers.shift() ?? 'late' })
  const first = await translateChunk(chunkOf(' Hello\n'), 's/t/1', lineOf(translator), calm)
  const again = await translateChunk(chunkOf(' Hello\n'), 's/t/1', lineOf(translator), calm)
  expect(first).toMatchObject({ status: 'translated', target_text: ' أهلا\n' })
  expect(first.attempts.map(({ outcome, from_memory }) => [outcome, from_memory])).toEqual([
    ['empty', false],
    ['empty', false],
    ['ok', false],
  ])
  expect(again).toEqual({ ...first, attempts: first.attempts.map((attempt) => ({ ...attempt, from_memory: true })) })
  expect(server.stats.calls).toBe(3)
  expect(await memory.count()).toBe(3)
})

it('pays nothing twice when the process is killed between answer and commit', async () => {
  const server = await fakeOpenai()
  const folder = workFolder()
  open.push(server.close, folder.remove)
  const script = fileURLToPath(new URL('answer-and-hang.ts', import.meta.url))
  const { child, ended } = startProcess(['--import', 'tsx', script, server.url, folder.path, 'Hello'], process.cwd())
  const [line] = await Promise.race([once(child.stdout!, 'data'), ended.then(({ err }) => [err])])
  expect(String(line).trim()).toBe(pseudoText('Hello'))
  child.kill('SIGKILL')
  expect((await ended).signal).toBe('SIGKILL')
  const memory = lmdbMemory({ folder: folder.path })
  open.push(memory.close)
  const answer = await remembered(backendOf(server.url), memory).translate(requestOf('Hello'), { signal: calm })
  expect(answer).toMatchObject({ text: pseudoText('Hello'), fromMemory: true })
  expect(server.stats.calls).toBe(1)
})
