import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { totalsOf } from '../fake-openai/books.ts'
import { promptOf, segmentOf } from '../fake-openai/completion.ts'
import { fakeOpenai } from '../fake-openai/server.ts'
import { kalamHere } from './here.ts'
import { workFolder } from './kalam.ts'

const attempts = 2
/** One line each, so that any chunking leaves them whole; one of them never gets an answer. */
const questions = [
  'What is bread?',
  'Who wrote Kalam?',
  'This text is stubborn.',
  'What is bread?',
  'Where is the sea?',
]
const lines = (row: number) => [
  `The answer ${row} begins.`,
  row === 3 ? 'Kalam is named in it.' : `It goes on ${row}.`,
  `It nears its end ${row}.`,
  `It ends ${row}.`,
]
const rows = questions.map((content, row) =>
  JSON.stringify({
    messages: [
      { role: 'user', content },
      { role: 'assistant', content: lines(row).join('\n') },
    ],
  }),
)
const by = (count: number): string[] =>
  questions.flatMap((_, row) => {
    const all = lines(row)
    return Array.from({ length: all.length / count }, (_, i) => all.slice(i * count, (i + 1) * count).join('\n'))
  })
const distinct = (texts: string[]): string[] => [...new Set(texts)].sort()

const pipeline = (url: string, settings: { count: number; samples: number; terms: string }) => `pipeline: once
partitions: 1
sources: [{ name: chat, path: rows.jsonl, split: train }]
chunkings: { lines: { by: lines, count: ${settings.count} } }
translators:
  model: { backend: openai, url: "${url}", model: fake, chunking: lines, attempts: ${attempts}, sampling: { temperature: 0.7 },
    samples: ${settings.samples}, masking: { terms: [${settings.terms}] } }
rankings: { release: { candidates: [model] } }
`

describe('what was paid', { timeout: 120_000 }, () => {
  const folder = workFolder({ 'rows.jsonl': rows.join('\n') })
  const file = join(folder.path, 'pipeline.yaml')
  const run = kalamHere(file)
  const empty = { kind: 'body' as const, body: { choices: [{ message: { content: '' }, finish_reason: 'stop' }] } }
  let server: Awaited<ReturnType<typeof fakeOpenai>>
  let seen = 0

  beforeAll(async () => {
    const isStubborn = (body: unknown) => JSON.stringify(body).includes('stubborn')
    server = await fakeOpenai({ record: true, fault: ({ body }) => (isStubborn(body) ? empty : undefined) })
  })
  afterAll(async () => {
    await server.close()
    folder.remove()
  })

  const set = (settings: Partial<Parameters<typeof pipeline>[1]>) =>
    writeFileSync(file, pipeline(server.url, { count: 2, samples: 1, terms: '', ...settings }))
  const done = async (...args: [string, ...string[]]) => {
    const { code, out, err } = await run(...args)
    expect(code, err).toBe(0)
    return out
  }
  /** Builds lines anew and makes them live. */
  const anew = async (...names: string[]) => {
    for (const name of names) await done('replay', name)
    await done('run')
    for (const name of names) await done('promote', name)
  }
  /** The segments that the server was asked for since the last look, and by which sample. */
  const asked = () => {
    const calls = server.received.slice(seen)
    seen = server.received.length
    return calls.map(({ body }) => ({
      text: segmentOf(promptOf(body)),
      sample: Math.floor(Number(body.seed ?? 0) / 1000),
    }))
  }
  const textsOf = (calls: ReturnType<typeof asked>) => calls.map(({ text }) => text).sort()

  it('is what every distinct segment takes, and a line that is built anew pays nothing, nor for what failed', async () => {
    set({})
    await done('run')
    const stubborn = Array(attempts).fill('This text is stubborn.')
    const good = distinct([...questions, ...by(2)]).filter((text) => !text.includes('stubborn'))
    expect(textsOf(asked())).toEqual(['Hello.', ...good, ...stubborn].sort())
    await done('run')
    await anew('model')
    expect(await done('sql', "SELECT count() FROM v_chunks WHERE status = 'failed'", '--format', 'csv')).toMatch(
      /\b1\b/,
    )
    expect(asked()).toEqual([])
  })

  it('stays paid when only the chunking changes, but for segments that were never seen', async () => {
    set({ count: 4 })
    await anew('lines')
    expect(textsOf(asked())).toEqual(distinct(by(4)))
  })

  it('stays paid for the first sample when there is a second', async () => {
    set({ count: 4, samples: 2 })
    await done('run')
    const calls = asked()
    const stubborn = Array(attempts).fill('This text is stubborn.')
    const good = distinct([...questions, ...by(4)]).filter((text) => !text.includes('stubborn'))
    expect(textsOf(calls)).toEqual([...good, ...stubborn].sort())
    expect(new Set(calls.map(({ sample }) => sample))).toEqual(new Set([1]))
  })

  it('stays paid when the user lists a term, but for segments that contain it', async () => {
    set({ count: 4, samples: 2, terms: 'Kalam' })
    await anew('model', 'model-s1')
    const calls = asked()
    expect(calls.map(({ sample }) => sample).sort()).toEqual([0, 0, 1, 1])
    for (const { text } of calls) expect(text).toMatch(/Who wrote (?!Kalam)|The answer 3 begins\.\n(?!Kalam)/)
    expect(totalsOf(server.calls()).paidAgain).toBe(0)
  })
})
