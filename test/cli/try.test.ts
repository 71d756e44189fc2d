import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { withPatience } from '../../cli/patience.ts'
import type { TranslatorLine } from '../../services/translate/open-translator.ts'
import { type FakeOptions, fakeOpenai } from '../fake-openai/server.ts'
import { lineOf, requestOf } from '../services/translate/fake-line.ts'
import { startKalam, workFolder } from '../system/kalam.ts'
import { askTranslation } from './ask-translation.ts'

const secret = 'sk-never-shown'
const text = 'Run `npm test` at https://example.org first. '

const pipeline = (url: string) => `
pipeline: trial
sources: [{ name: talk, path: data.jsonl }]
chunkings: { all: { by: tokens } }
translators:
  model: { backend: openai, url: "${url}", key: $MODEL_KEY, model: m, chunking: all, attempts: 2, price: { prompt: 1, completion: 2 } }
  letters: { backend: pseudo, chunking: all }
rankings: { release: { candidates: [letters] } }
`

describe('kalam try', () => {
  const closers: (() => unknown)[] = []
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close()
  })
  let folder: ReturnType<typeof workFolder>
  beforeEach(() => {
    folder = workFolder({
      'data.jsonl': `${JSON.stringify({
        messages: [
          { role: 'user', content: 'Say hello.' },
          { role: 'assistant', content: 'Hello.' },
        ],
      })}\n`,
    })
    closers.push(folder.remove)
  })

  const setUp = async (options: FakeOptions = {}) => {
    const server = await fakeOpenai({ record: true, ...options })
    closers.push(server.close)
    writeFileSync(join(folder.path, 'pipeline.yaml'), pipeline(server.url))
    return { server, ask: askTranslation(folder.path, { MODEL_KEY: secret }) }
  }

  it('shows the request as it is sent, the answer as it came, what was put back, and the cost; no key', async () => {
    const { server, ask } = await setUp()
    const { code, out, err } = await ask('try', 'model', text)
    expect([code, err, server.stats.calls]).toEqual([0, '', 1])
    expect(out).toContain('  ⟦1⟧ inline_code   `npm test`\n  ⟦2⟧ url   https://example.org\n')
    expect(out).toContain(`POST ${server.url}/chat/completions   Authorization: Bearer $MODEL_KEY\n`)
    expect(out).toContain(JSON.stringify(server.received[0]?.body, null, 2))
    expect(out).toMatch(/--- raw answer -+\n.*⟦1⟧.*⟦2⟧/)
    expect(out).toMatch(/--- restored -+\n.*`npm test`.*https:\/\/example\.org/)
    expect(out).toMatch(/--- checks -+\naccepted\n[\d,]+ \+ \d+ tokens {3}\$0\.\d{4,9} {3}/)
    expect(out).toMatch(/translated {3}1 request, 0 from the memory {3}\d+ tokens, \$0\.\d+, \d+ ms/)
    expect(out).not.toContain(secret)
  })

  it('pays no answer twice, and books what it pays', async () => {
    const { server, ask } = await setUp()
    await ask('try', 'model', text)
    const again = await ask('try', 'model', text)
    expect([again.code, server.stats.calls]).toEqual([0, 1])
    expect(again.out).toContain('--- request 1: attempt 1, in the memory -')
    expect(again.out).toContain('translated   1 request, 1 from the memory   0 tokens, $0.00, 0 ms')
    const { accounts, answers } = JSON.parse((await ask('memory', 'stats', '--json')).out)
    expect(answers).toBe(1)
    expect(accounts).toMatchObject([{ name: 'model', spent: { calls: 1 }, reserved: { calls: 0 } }])
  })

  it('with --dry shows the same requests, says which are known, and calls nothing', async () => {
    const { server, ask } = await setUp()
    const dry = await ask('try', 'model', text, '--dry')
    expect([dry.code, server.stats.calls]).toEqual([0, 0])
    expect(dry.out).toContain('dry: 1 request, 0 in the memory; nothing was called')
    await ask('try', 'model', text)
    expect(dry.out).toContain(JSON.stringify(server.received[0]?.body, null, 2))
    expect((await ask('try', 'model', text, '--dry')).out).toContain('dry: 1 request, 1 in the memory')
  })

  it('shows every attempt with the check that refused its answer and what follows; a failure ends with 1', async () => {
    const { ask } = await setUp({ answer: () => '' })
    const { code, out } = await ask('try', 'model', text)
    expect(code).toBe(1)
    expect(out.match(/^! empty {3}asked again, in the end failed\nrefused: empty$/gm)).toHaveLength(2)
    expect(out).toContain('"seed": 1')
    expect(out).toContain('failed (empty)   2 requests, 0 from the memory')
  })

  it('tells broken sentinels, and asks with their other form', async () => {
    const answers = ['شغل الاختبارات أولا في هذا الموقع']
    const { ask } = await setUp({
      answer: (segment) => answers.shift() ?? segment.replaceAll('Run', 'شغل أولا هذا الأمر هنا'),
    })
    const { out } = await ask('try', 'model', text)
    expect(out).toMatch(/^! placeholders.*\nrefused: placeholders$/m)
    expect(out).toMatch(/^--- request 2: attempt 2, form_1 -/m)
  })

  it('is one document with --json', async () => {
    const { server, ask } = await setUp()
    const shown = JSON.parse((await ask('try', 'model', text, '--json')).out)
    expect(shown).toMatchObject({
      translator: 'model',
      key: '$MODEL_KEY',
      url: `${server.url}/chat/completions`,
      chunks: [
        {
          spans: [{ token: '⟦1⟧', kind: 'inline_code', source: '`npm test`' }, {}],
          requests: [{ attempt: 0, body: server.received[0]?.body, isKnown: false, outcome: 'ok' }],
          translation: { status: 'translated' },
          totals: { requests: 1, from_memory: 0 },
        },
      ],
    })
  })

  it('needs no run for a text, and one for a conversation, whose chunks and messages it then shows', async () => {
    const { server, ask } = await setUp()
    expect((await ask('try', 'letters', 'talk/data is no id')).code).toBe(0)
    expect((await ask('try', 'letters', 'talk/data/0')).err).toContain('this pipeline has not run yet')
    const run = await startKalam(folder.path, ['run'], { MODEL_KEY: secret }).ended
    expect(run.code, run.err).toBe(0)
    const whole = await ask('try', 'model', 'talk/data/0')
    expect(whole.out).toMatch(/^model {3}talk\/data\/0#0 {3}text, chunk 1 of 1$/m)
    expect(whole.out).toMatch(/^model {3}talk\/data\/0#1 {3}text, chunk 1 of 1$/m)
    expect(whole.out).toContain('1 request, 1 from the memory')
    const second = await ask('try', 'letters', 'talk/data/0#1')
    expect(second.out.match(/^letters /gm)).toHaveLength(1)
    expect((await ask('try', 'letters', 'talk/data/0#2')).err).toContain('it has messages 0 to 1')
    expect((await ask('try', 'letters', 'talk/data/9')).err).toContain('no such conversation')
    expect(server.stats.calls).toBe(2)
  })

  it('takes the translator as pipeline.yaml has it now, and says what was probably meant', async () => {
    const { ask } = await setUp()
    const file = join(folder.path, 'pipeline.yaml')
    writeFileSync(file, readFileSync(file, 'utf8').replace('model: m,', 'model: newer,'))
    expect((await ask('try', 'model', text, '--dry')).out).toContain('"model": "newer"')
    const { code, err } = await ask('try', 'modle', text)
    expect([code, err]).toEqual([1, expect.stringContaining('Did you mean model?')])
  })

  it('ends with what would make a run wait for its owner', async () => {
    const { ask } = await setUp({ key: 'another' })
    const { code, out, err } = await ask('try', 'model', text)
    expect(code).toBe(1)
    expect(out).toContain('! backend_refused: ')
    expect(err).toContain('error backend_refused: ')
    expect(out + err).not.toContain(secret)
  })
})

it('gives up a call that nobody answers when patience ends', async () => {
  const line = {
    ...lineOf({
      ...{ backend: 'openai', fingerprint: 'f', slots: 1, paid: true, render: () => '' },
      translate: (_, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason))
        }),
    }),
    line: 'model',
  } as TranslatorLine
  const asked = withPatience(line, 1, ({ translator }, signal) => translator.translate(requestOf('Hello'), { signal }))
  await expect(asked).rejects.toMatchObject({ code: 'timeout', message: expect.stringContaining('trying model') })
})
