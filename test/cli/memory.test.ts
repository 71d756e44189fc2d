import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lmdbMemory } from '../../services/translate/lmdb-memory.ts'
import { noUsage } from '../../services/translate/translator.ts'
import { answerOf } from '../contract/memory.ts'
import { startKalam, workFolder } from '../system/kalam.ts'
import { startWarehouse } from '../warehouse/start-warehouse.ts'
import { askTranslation } from './ask-translation.ts'

const keyOf = (n: number) => n.toString(16).padStart(64, '0')
const now = Date.now()
const dayMs = 24 * 60 * 60 * 1000
const pipeline = (more = '') => `
pipeline: remembering
sources: [{ name: talk, path: data.jsonl }]
chunkings: { all: { by: tokens } }
translators: { letters: { backend: pseudo, chunking: all } }
rankings: { release: { candidates: [letters] } }
${more}`

describe('kalam memory', () => {
  const folders: ReturnType<typeof workFolder>[] = []
  const newFolder = (more?: string) => {
    const folder = workFolder({ 'data.jsonl': '', 'pipeline.yaml': pipeline(more) })
    folders.push(folder)
    return folder.path
  }
  let folder = ''
  let ask: ReturnType<typeof askTranslation>
  beforeEach(() => {
    folder = newFolder()
    ask = askTranslation(folder)
  })
  afterEach(() => {
    for (const one of folders.splice(0)) one.remove()
  })

  const withMemory = async (of: string, work: (memory: ReturnType<typeof lmdbMemory>) => Promise<unknown>) => {
    const memory = lmdbMemory({ folder: join(of, '.kalam/memory') })
    await work(memory)
    await memory.close()
  }
  const fill = (of: string, count = 3) =>
    withMemory(of, async (memory) => {
      const entries = Array.from({ length: count }, (_, n) => {
        const usage = { model: n % 2 ? 'odd' : 'even', prompt_tokens: 10, completion_tokens: 5, at_ms: now - n * dayMs }
        const spending = { nano: 1_234_567, tokens: 15, calls: 1 }
        return { key: keyOf(n), answer: answerOf(`نص ${n}`, usage), bill: { account: 'gemma3', spending } }
      })
      await memory.put(entries)
    })
  const keysOf = (text: string) =>
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).key)

  it('is empty where nothing was asked', async () => {
    expect(await ask('memory', 'stats')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^0 answers, .* on disk\n\nnothing was booked\n$/),
    })
    expect(await ask('memory', 'export')).toMatchObject({ code: 0, out: '', err: '0 answers exported\n' })
  })

  it('tells answers by model, what is refused whatever was asked, and the accounts to the nano-dollar', async () => {
    await fill(folder)
    await withMemory(folder, async (memory) => {
      await memory.put([
        { key: keyOf(8), answer: answerOf(' ') },
        { key: keyOf(9), answer: answerOf('نص', { finish_reason: 'length', provider: 'here' }) },
      ])
      const lost = await memory.ledger.reserve('gemma3', { nano: 1_000_000_000, tokens: 20, calls: 1 }, {})
      await memory.ledger.doubt(lost!)
      await memory.ledger.reserve('gemma3', { nano: 5, tokens: 7, calls: 1 }, {})
    })
    const { out } = await ask('memory', 'stats')
    expect(out).toMatch(/^5 answers, of \d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d, \d+ KiB on disk\n/)
    expect(out).toContain('1 refused whatever was asked: empty\n')
    expect(out).toContain('1 refused whatever was asked: length\n')
    expect(out).toMatch(/^even +2 +30\n/m)
    expect(out).toMatch(/^m at here +1 +0\n/m)
    expect(out).toMatch(
      /^gemma3 +spent +\$0\.003703701 +45 +3\n +in doubt +\$1\.00 +20 +1\n +reserved +\$0\.000000005 +7 +1\n/m,
    )
    const stats = JSON.parse((await ask('memory', 'stats', '--json')).out)
    expect(stats.accounts[0].spent).toEqual({ nano: 3_703_701, tokens: 45, calls: 3 })
  })

  it('comes whole into another memory, where the first answer of a key stays and nothing is booked', async () => {
    await fill(folder, 2500)
    expect((await ask('memory', 'export', 'answers.jsonl')).err).toBe('2,500 answers exported\n')
    const exported = readFileSync(join(folder, 'answers.jsonl'), 'utf8')
    expect((await ask('memory', 'export')).out).toBe(exported)
    const other = newFolder()
    const there = askTranslation(other)
    await withMemory(other, (memory) => memory.put([{ key: keyOf(1), answer: answerOf('mine') }]))
    const { code, out } = await there('memory', 'import', join(folder, 'answers.jsonl'))
    expect([code, out]).toEqual([
      0,
      '2,499 answers added, 1 known before, 0 bad lines\nNothing was booked: these answers were paid elsewhere.\n',
    ])
    const lines = (await there('memory', 'export')).out.split('\n')
    expect(lines.length).toBe(2501)
    expect(lines[1]).toContain('"mine"')
    expect(lines.toSpliced(1, 1)).toEqual(exported.split('\n').toSpliced(1, 1))
    expect(JSON.parse((await there('memory', 'stats', '--json')).out).accounts).toEqual([])
  })

  it('tells bad lines with their numbers and takes the others, also from stdin', async () => {
    await fill(folder, 2)
    const [first = '', second = ''] = (await ask('memory', 'export')).out.split('\n')
    const other = newFolder()
    const bad = ['no json', '{"key":"~account/x","answer":{}}', first.replace('"text":"', '"text":7,"was":"'), '[]']
    writeFileSync(join(other, 'some.jsonl'), [...bad, '', first, first, second].join('\r\n'))
    const there = askTranslation(other)
    const { code, out, err } = await there('memory', 'import', 'some.jsonl')
    expect(code).toBe(1)
    expect(out).toContain('2 answers added, 1 known before, 4 bad lines\n')
    expect(err.match(/^some\.jsonl:\d+: /gm)).toEqual([1, 2, 3, 4].map((line) => `some.jsonl:${line}: `))
    expect(err).toContain('some.jsonl:2: it is no exported answer: key: is no SHA-256 in hex')
    const { child, ended } = startKalam(other, ['memory', 'import', '-'])
    expect(child.pid).toBeGreaterThan(0)
    expect(await ended).toMatchObject({ code: 0, out: expect.stringContaining('0 answers added, 0 known before') })
    expect(await there('memory', 'import', 'none.jsonl')).toMatchObject({
      code: 1,
      err: expect.stringContaining('error missing_file: importing none.jsonl: there is no such file'),
    })
  })

  it('counts calls that were given up apart, moves them along, and forgets them when that is said', async () => {
    await fill(folder, 2)
    const failure = { code: 'timeout' as const, message: 'translating: no answer', ofText: false }
    await withMemory(folder, (memory) => memory.put([{ key: keyOf(7), answer: { text: '', usage: noUsage, failure } }]))
    expect((await ask('memory', 'stats')).out).toMatch(/^2 answers, .*\n {2}1 call given up/)
    await ask('memory', 'export', 'answers.jsonl')
    const other = newFolder()
    await askTranslation(other)('memory', 'import', join(folder, 'answers.jsonl'))
    await withMemory(other, async (memory) => {
      expect(await memory.get([keyOf(7)])).toEqual([{ text: '', usage: noUsage, failure }])
    })
    await ask('memory', 'prune', '--older-than', '0d')
    expect(JSON.parse((await ask('memory', 'stats', '--json')).out)).toMatchObject({ answers: 0, givenUp: 1 })
    expect((await ask('memory', 'prune', '--given-up')).out).toMatch(/^1 call forgotten\n/)
    expect((await ask('memory', 'stats')).out).not.toContain('given up')
  })

  it('forgets by age and by model, only what meets both, and never what was spent', async () => {
    await fill(folder, 6)
    const prune = (...argv: string[]) => ask('memory', 'prune', ...argv)
    expect((await prune('--older-than', '3d', '--dry')).out).toBe('3 answers would be forgotten\n')
    expect((await prune('--older-than', '3d', '--model', 'odd')).out).toMatch(/^2 answers forgotten\n/)
    expect(keysOf((await ask('memory', 'export')).out)).toEqual([0, 1, 2, 4].map(keyOf))
    expect((await prune('--model', 'even')).out).toMatch(/^3 answers forgotten\nWhat was spent stays booked/)
    const { answers, accounts } = JSON.parse((await ask('memory', 'stats', '--json')).out)
    expect([answers, accounts[0].spent]).toEqual([1, { nano: 7_407_402, tokens: 90, calls: 6 }])
  })

  it.each([
    [['prune'], 'it is not said what to forget'],
    [['prune', '--older-than', '90'], '"90" is no number of days'],
    [['export', '--shared'], 'pipeline.yaml names none'],
    [['prune', '--model', 'm', '--shared'], 'pipeline.yaml names none'],
  ])('refuses %j with 2', async (argv, fact) => {
    expect(await ask('memory', ...argv)).toMatchObject({ code: 2, err: expect.stringContaining(fact) })
  })

  it('is shared where pipeline.yaml says so: import, export, stats and prune for everybody', async () => {
    const server = await startWarehouse()
    try {
      await fill(folder, 4)
      await ask('memory', 'export', 'answers.jsonl')
      const setting = `memory: { url: "${server.url}", database: answers }`
      const [one, other] = [askTranslation(newFolder(setting)), askTranslation(newFolder(setting))]
      expect((await one('memory', 'import', join(folder, 'answers.jsonl'))).out).toContain('4 answers added')
      expect((await other('memory', 'stats')).out).toMatch(/^0 answers.*\n4 answers in the shared memory\n/)
      expect(keysOf((await other('memory', 'export', '--shared')).out)).toHaveLength(4)
      expect((await one('memory', 'prune', '--model', 'odd')).out).toContain('--shared forgets them for everybody')
      expect((await other('memory', 'export', '--shared')).out).toContain('"odd"')
      expect((await other('memory', 'prune', '--model', 'odd', '--shared')).out).toMatch(
        /^0 answers here, 2 in the shared memory forgotten\n/,
      )
      expect((await other('memory', 'export', '--shared')).out).not.toContain('"odd"')
    } finally {
      await server.close()
    }
  }, 60_000)
})
