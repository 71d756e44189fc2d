import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { guessShape } from '../../services/ingest/guess-shape.ts'
import { starterPipeline } from '../../services/ingest/starter-pipeline.ts'
import { parquetFile, parquetRow } from '../services/ingest/parquet-file.ts'
import { type Ended, kalam, root, workFolder } from './kalam.ts'

const expectNoStack = ({ out, err }: Ended) => expect(out + err).not.toMatch(/\n\s+at /)

describe('kalam init', () => {
  const folder = workFolder({
    'my chats.parquet': parquetFile([...Array(5).keys()].map(parquetRow)),
    'numbers.jsonl': '{"x":1}\n{"x":2}\n',
    'empty.jsonl': '',
    'table.csv': 'a,b\n',
    'escapes.jsonl': `${JSON.stringify({ messages: [{ role: 'user', content: 'red \u001b[31m bell \u0007' }] })}\n`,
  })
  afterAll(() => folder.remove())

  it('shows rows of a Parquet file and writes a pipeline that runs through', async () => {
    const written = await kalam(folder.path, 'init', 'my chats.parquet')
    expectNoStack(written)
    expect(written.code, written.err).toBe(0)
    expect(written.out).toContain(
      'the smoltalk2 shape: messages of {role, content}; 5 rows looked at, 5 of them parsed',
    )
    expect(written.out).toContain('  user       What is 0 squared?\n  assistant  It is 0. ✓\n')
    expect(written.out).toContain('wrote pipeline.yaml')
    const ran = await kalam(folder.path, 'run', '--strict')
    expectNoStack(ran)
    expect(ran.code, ran.err).toBe(0)
    expect(ran.out).toContain('5 read: 5 came in, 0 bad')
  })

  it('leaves a file alone that is there already', async () => {
    writeFileSync(join(folder.path, 'mine.yaml'), 'mine')
    const refused = await kalam(folder.path, 'init', 'my chats.parquet', '-o', 'mine.yaml')
    expect(refused.err).toMatch(/^error usage: writing mine\.yaml: it is there already\n\n {2}Name another one with -o/)
    expect(refused.code).not.toBe(0)
    expect(readFileSync(join(folder.path, 'mine.yaml'), 'utf8')).toBe('mine')
  })

  it('shows nothing that a terminal would obey', async () => {
    const { out } = await kalam(folder.path, 'init', 'escapes.jsonl', '-o', 'escapes.yaml')
    expect(out).toContain('  user       red [31m bell \n')
  })

  it('writes a pipeline to be filled in where no row is a conversation, and says so', async () => {
    const written = await kalam(folder.path, 'init', 'numbers.jsonl', '-o', 'numbers.yaml')
    expectNoStack(written)
    expect(written.code).toBe(1)
    expect(written.out).toContain('! 2 rows: missing_messages: the row has no messages; it has x')
    expect(written.out).toContain('None of the 2 rows looked at could be read as a conversation')
    expect(readFileSync(join(folder.path, 'numbers.yaml'), 'utf8')).toContain('# columns: { user: question')
  })

  it.each([
    ['empty.jsonl', 'there are no rows in it'],
    ['table.csv', "pandas.read_csv('table.csv')"],
  ])('says of %s what is wrong', async (name, text) => {
    const ended = await kalam(folder.path, 'init', name, '-o', `x${name.length}.yaml`)
    expectNoStack(ended)
    expect(ended.code).toBe(1)
    expect(ended.out + ended.err).toContain(text)
  })
})

describe('what kalam init writes for every data file at hand', () => {
  const folder = workFolder()
  let rows = 0
  let ended: Ended

  beforeAll(async () => {
    const sources: unknown[] = []
    let whole: Record<string, unknown> = {}
    for (const set of ['chat', 'raw']) {
      for (const name of readdirSync(join(root, 'test/data', set)).filter((name) => name.endsWith('.jsonl'))) {
        const path = join(root, 'test/data', set, name)
        const text = starterPipeline(path, join(folder.path, 'pipeline.yaml'), await guessShape(path))
        whole = parse(text) as Record<string, unknown>
        sources.push(...(whole.sources as unknown[]))
        rows += readFileSync(path, 'utf8').trim().split('\n').length
      }
    }
    writeFileSync(join(folder.path, 'pipeline.yaml'), stringify({ ...whole, sources }))
    ended = await kalam(folder.path, 'run', '--strict')
  }, 180_000)
  afterAll(() => folder.remove())

  it('runs through as the sources of one pipeline, without a bad row', () => {
    expectNoStack(ended)
    expect(ended.code, ended.out + ended.err).toBe(0)
    expect(ended.out).toContain(`${rows} read: ${rows} came in, 0 bad`)
    expect(rows).toBeGreaterThan(700)
  })

  it('passes verify', async () => {
    const verified = await kalam(folder.path, 'verify')
    expect(verified.out).not.toContain('BROKEN')
    expect(verified.code).toBe(0)
  })
})
