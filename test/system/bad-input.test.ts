import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ExportRow } from '../../services/export/export-row.ts'
import { parquetFile, parquetRow } from '../services/ingest/parquet-file.ts'
import { type Ended, filesBelow, kalam, workFolder } from './kalam.ts'

const pipeline = (name: string, more = '') => `
pipeline: ${name}
sources: [{ name: chat, path: data, columns: { id: id } }, { name: files, path: files }]
chunkings: { lines25: { by: lines } }
translators: { pseudo: { backend: pseudo, chunking: lines25 } }
rankings: { release: { candidates: [pseudo] } }
${more}`

const row = (id: string, ...contents: string[]) =>
  JSON.stringify({ id, messages: contents.map((content, i) => ({ role: i % 2 ? 'assistant' : 'user', content })) })
/** A conversation of exactly so many bytes: lines of English with a word of two bytes each. */
const sized = (id: string, bytes: number) => {
  const line = 'A résumé of a long day, and of the night behind it.\n'
  const text = line.repeat(Math.floor((bytes - 100) / Buffer.byteLength(line)))
  return row(id, 'How was it?', text + 'x'.repeat(bytes - Buffer.byteLength(text) - 'How was it?'.length))
}
const message = (fields: object) => JSON.stringify({ id: 'm', messages: [fields] })

const lines: [line: string | Buffer, reason: string | undefined][] = [
  [row('good-1', 'Hello there', 'General greeting'), undefined],
  ['{"id":"x","messages":[{"role":"user","content":"cut', 'invalid_json'],
  ['{"id":"x","messages":[NaN]}', 'invalid_json'],
  ['{"id":"x"}', 'missing_messages'],
  ['{"id":"x","messages":null}', 'null_messages'],
  ['{"id":"x","messages":[]}', 'empty_conversation'],
  ['', undefined],
  [message({ role: 'alien', content: 'x' }), 'unknown_role'],
  [message({ role: 'user', content: 7 }), 'wrong_type'],
  [message({ role: 'user' }), 'wrong_type'],
  ['{"id":"x","messages":"Hello"}', 'wrong_type'],
  ['[1,2]', 'wrong_type'],
  [Buffer.concat([Buffer.from(row('x', 'wrong ')), Buffer.from([0xc0, 0xaf])]), 'invalid_utf8'],
  [row('good-1', 'Same id'), 'duplicate_id'],
  [row('not an id', 'Hello'), 'invalid_id'],
  [`{"id":"deep","messages":[{"role":"user","content":"x"}],"x":${'['.repeat(600)}${']'.repeat(600)}}`, 'too_deep'],
  ['{"id":"lone","messages":[{"role":"user","content":"half \\ud83d of it"}]}', undefined],
  [row('empty', '', 'An answer to nothing'), undefined],
]

/** What must hold of whatever a user is shown. */
const expectNoStack = ({ out, err }: Ended) => {
  expect(out + err).not.toMatch(/\n\s+at /)
  expect(out + err).not.toMatch(/\bundefined\b|\[object Object\]/)
}

const bytesOf = (line: string | Buffer) => Buffer.concat([Buffer.from(line), Buffer.from('\n')])
const jsonLines = <T>(text: string): T[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T)
const exported = (folder: string): ExportRow[] =>
  [...filesBelow(join(folder, 'out/release'))].flatMap(([name, bytes]) =>
    name.endsWith('.jsonl') ? jsonLines<ExportRow>(bytes.toString()) : [],
  )

/** SHA-256 of every exported file. */
const digests = (folder: string): Record<string, string> =>
  Object.fromEntries(
    [...filesBelow(join(folder, 'out/release'))].map(([name, bytes]) => [
      name,
      createHash('sha256').update(bytes).digest('hex'),
    ]),
  )

describe('a run over bad rows and damaged files, with the largest limit', () => {
  const most = 8 * 2 ** 20
  const folder = workFolder({ 'pipeline.yaml': pipeline('bad', `limits: { conversation_bytes: ${most} }`) })
  const rows = [...lines, [sized('full', most), undefined], [sized('over', most + 1), 'too_large']] as typeof lines
  const bad = rows.flatMap(([, reason], i) => (reason ? [{ file: 'bad.jsonl', line: i + 1, reason }] : []))
  const damaged = [
    { file: 'cut.jsonl.gz', line: 0, reason: 'truncated_gzip' },
    { file: 'cut.parquet', line: 1, reason: 'damaged_parquet' },
  ]
  let ended: Ended

  beforeAll(async () => {
    for (const name of ['data', 'files']) mkdirSync(join(folder.path, name))
    writeFileSync(join(folder.path, 'data/bad.jsonl'), Buffer.concat(rows.map(([line]) => bytesOf(line))))
    const many = Array.from({ length: 300 }, (_, i) => `${row(`${i}`, `Number ${i}: ${Math.sin(i)}`)}\n`).join('')
    const gzip = gzipSync(many)
    writeFileSync(join(folder.path, 'files/cut.jsonl.gz'), gzip.subarray(0, gzip.length - 400))
    const parquet = parquetFile([...Array(20).keys()].map(parquetRow))
    writeFileSync(join(folder.path, 'files/cut.parquet'), parquet.subarray(0, parquet.length - 40))
    writeFileSync(join(folder.path, 'files/good.parquet'), parquet)
    ended = await kalam(folder.path, 'run')
  }, 180_000)
  afterAll(() => folder.remove())

  it('ends well, and its summary counts them and says where the first ones are', () => {
    expectNoStack(ended)
    expect(ended.code, ended.err).toBe(0)
    expect(ended.err).toBe('')
    expect(ended.out).toMatch(new RegExp(` ${bad.length + damaged.length} bad\\n`))
    expect(ended.out).toContain(`! ${bad.length + damaged.length} rows did not come in. `)
    expect(ended.out.replace(/\s+/g, ' ')).toContain(
      'First: bad.jsonl:2 invalid_json, bad.jsonl:3 invalid_json, bad.jsonl:4 missing_messages.',
    )
  })

  it('has every bad row in the tables, with file, line, reason and a detail', async () => {
    const query =
      'SELECT file, line_number AS line, reason, detail, byte_end - byte_start AS bytes FROM v_dead_letters ORDER BY file, line_number'
    const { out } = await kalam(folder.path, 'sql', '--format', 'json', query)
    const found = jsonLines<{ file: string; line: number; reason: string; detail: string; bytes: number }>(out)
    expect(found.map(({ file, line, reason }) => ({ file, line, reason }))).toEqual([
      ...bad,
      { ...damaged[0], line: expect.any(Number) },
      damaged[1],
    ])
    expect(found.every(({ detail }) => detail.length > 10)).toBe(true)
    const broken = found.find(({ line }) => line === 2)
    expect(broken?.bytes).toBe(Buffer.byteLength(rows[1]![0]))
    const gzipRow = found.find(({ reason }) => reason === 'truncated_gzip')
    expect(gzipRow?.line).toBeGreaterThan(200)
  })

  it('exports all the others, the conversation of exactly the limit whole', () => {
    const found = exported(folder.path)
    const ids = found.map(({ id }) => id)
    expect(ids.filter((id) => id.startsWith('chat/')).toSorted()).toEqual(
      ['empty', 'full', 'good-1', 'lone'].map((id) => `chat/bad/${id}`),
    )
    expect(ids.filter((id) => id.startsWith('files/good/'))).toHaveLength(20)
    expect(ids.filter((id) => id.startsWith('files/cut/')).length).toBeGreaterThan(200)
    const full = found.find(({ id }) => id === 'chat/bad/full')!
    const bytes = full.source_messages.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0)
    expect(bytes).toBe(most)
    expect(full.messages[1]?.content).toHaveLength(full.source_messages[1]!.content.length)
    expect(full.keep).toBe(true)
  })

  it('keeps an empty message empty, and marks a text that was no Unicode', () => {
    const found = exported(folder.path)
    const lone = found.find(({ id }) => id === 'chat/bad/lone')!
    expect(lone.source_messages[0]?.content).toBe('half \ufffd of it')
    expect(JSON.parse(lone.columns)).toMatchObject({ _repaired: 'true' })
    const empty = found.find(({ id }) => id === 'chat/bad/empty')!
    expect(empty.messages.map(({ content }) => content !== '')).toEqual([false, true])
  })

  it('passes verify', async () => {
    const verified = await kalam(folder.path, 'verify')
    expect(verified.out).not.toContain('BROKEN')
    expect(verified.code).toBe(0)
  })

  it.each([
    [
      'bad.jsonl:5',
      /^bad\.jsonl:5 never came in: bad at ingest, null_messages: messages is null\n[\s\S]*bytes \d+ to \d+/,
    ],
    ['chat/bad/good-1', /another row of this split has the id\s+good-1[\s\S]*bad\.jsonl:1\b/],
  ])('tells why of %s', async (what, text) => {
    const told = await kalam(folder.path, 'why', what)
    expect(told.out).toMatch(text)
    expect(told.code).toBe(0)
  })

  it('says of a line that is no row what it looked for', async () => {
    const told = await kalam(folder.path, 'why', 'bad.jsonl:7')
    expectNoStack(told)
    expect(told.code).toBe(1)
    expect(told.err).toContain('looking for bad.jsonl:7: line 7 of bad.jsonl was read and is no row')
    expect(told.err).toContain('Empty lines are no rows')
  })

  it('exits with 3 when it is strict, and changes nothing', async () => {
    const before = digests(folder.path)
    const strict = await kalam(folder.path, 'run', '--strict')
    expectNoStack(strict)
    expect(strict.code).toBe(3)
    expect(digests(folder.path)).toEqual(before)
  })
})

describe('the default limit of a conversation', () => {
  it('is 4 MiB: that much passes every stage, and a byte more is a bad row', async () => {
    const most = 4 * 2 ** 20
    const folder = workFolder({ 'pipeline.yaml': pipeline('sized').replace(/, \{ name: files.*? \}\]/, ']') })
    mkdirSync(join(folder.path, 'data'))
    writeFileSync(join(folder.path, 'data/a.jsonl'), `${sized('full', most)}\n${sized('over', most + 1)}`)
    const ended = await kalam(folder.path, 'run', '--strict')
    expectNoStack(ended)
    expect(ended.code, ended.err).toBe(3)
    expect(ended.out).toContain('! 1 row did not come in. too_large 1. First: a.jsonl:2 too_large.')
    expect((await kalam(folder.path, 'why', 'a.jsonl:2')).out.replace(/\s+/g, ' ')).toContain(
      `the conversation has ${most + 1} bytes, at most ${most} are taken (limits.conversation_bytes)`,
    )
    const [full, ...others] = exported(folder.path)
    expect(others).toEqual([])
    expect(full).toMatchObject({ id: 'chat/a/full', keep: true, reasons: [] })
    folder.remove()
  })
})
