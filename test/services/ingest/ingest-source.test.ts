import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { topicNames } from '../../../services/topics.ts'
import { failingAt, ingestPipeline } from './ingest-pipeline.ts'
import { parquetFile, parquetRow } from './parquet-file.ts'

const chat = (text: string, more: object = {}) =>
  `${JSON.stringify({ messages: [{ role: 'user', content: text }], ...more })}\n`
const texts = ({ messages }: { messages: { key: string; body: { content: string } }[] }) =>
  Object.fromEntries(messages.map(({ key, body }) => [key, body.content]))

describe('a source', () => {
  it('is read in byte order of its files, shards as one split, and its rows count per split', async () => {
    const pipeline = ingestPipeline()
    pipeline.write({
      'data/b-00001-of-00002.jsonl': chat('b1'),
      'data/b-00000-of-00002.jsonl': chat('b0') + chat('b0 second'),
      'data/a.jsonl': chat('a'),
      'data/Z.ndjson.gz': gzipSync(chat('Z')),
      'data/deep/c.parquet': parquetFile([parquetRow(0)]),
      'data/é.jsonl': chat('accent'),
      'data/.hidden/x.jsonl': chat('hidden'),
      'data/notes.txt': 'no rows',
      'data/out/release/README.md': '# s: release\nMade with kalam 0.1.0.\n',
      'data/out/release/data/a.jsonl': chat('exported before'),
    })
    await pipeline.run()
    const written = await pipeline.written()
    expect(texts(written)).toEqual({
      's/Z/0': 'Z',
      's/a/0': 'a',
      's/b/0': 'b0',
      's/b/1': 'b0 second',
      's/b/2': 'b1',
      's/c/0': 'It is 0. ✓',
      's/_/0': 'accent',
    })
    const file = ({ body }: { body: { file: string; line: number } }) => [body.file, body.line]
    expect(written.messages.filter(({ key }) => key === 's/b/1').map(file)).toEqual([['b-00000-of-00002.jsonl', 2]])
    expect(written.checkpoints).toHaveLength(6)
    for (const { done, selected, file_rows } of written.checkpoints) expect([done, selected]).toEqual([true, file_rows])
  })

  it('writes a conversation to its partition, its messages next to each other', async () => {
    const pipeline = ingestPipeline()
    const messages = ['system', 'user', 'assistant'].map((role) => ({ role, content: role }))
    pipeline.write({ 'data/a.jsonl': `${JSON.stringify({ messages })}\n`.repeat(20) })
    await pipeline.run()
    const { messages: records } = await pipeline.written()
    expect(records).toHaveLength(60)
    expect(new Set(records.map(({ partition }) => partition)).size).toBe(3)
    for (const [i, { headers, body, key, offset }] of records.entries()) {
      expect(headers).toMatchObject({ index: String(i % 3), count: '3' })
      expect(body.role).toBe(messages[i % 3]?.role)
      const first = records[i - (i % 3)]!
      expect([key, offset - first.offset]).toEqual([first.key, i % 3])
    }
  })

  it('takes the split of a row from its column, and from the source where that has one', async () => {
    const pipeline = ingestPipeline()
    const rows = [chat('1', { split: 'x' }), chat('2'), chat('3', { split: 'x' }), '{\n', chat('4', { split: 'y/z' })]
    pipeline.write({ 'data/a.jsonl': rows.join('') })
    await pipeline.run()
    await pipeline.run({ name: 'fixed', split: 'all' })
    expect(texts(await pipeline.written())).toEqual({
      ...{ 's/x/0': '1', 's/a/0': '2', 's/x/1': '3', 's/y_z/0': '4' },
      ...{ 'fixed/all/0': '1', 'fixed/all/1': '2', 'fixed/all/2': '3', 'fixed/all/4': '4' },
    })
  })

  it('records a bad row with its place, and counts it as a row of its split', async () => {
    const pipeline = ingestPipeline()
    pipeline.write({ 'data/a.jsonl': `${chat('0')}\n{"messages":\n${chat('2')}{"messages":[]}\n` })
    await pipeline.run()
    const { deadLetters, checkpoints, ...rest } = await pipeline.written()
    expect(texts(rest)).toEqual({ 's/a/0': '0', 's/a/2': '2' })
    const place = { stage: 'ingest', source: 's', split: 'a', file: 'a.jsonl', verdict: 'bad' }
    const start = Buffer.byteLength(`${chat('0')}\n`)
    const byRow = deadLetters.toSorted((a, b) => Number(a.row) - Number(b.row))
    expect(byRow).toMatchObject([
      { ...place, row: '1', line: 3, reason: 'invalid_json', byte_start: start, byte_end: start + 12 },
      { ...place, row: '3', line: 5, reason: 'empty_conversation', detail: 'the conversation has no messages' },
    ])
    expect(Buffer.from(byRow[0]!.body).toString()).toBe('{"messages":')
    expect(checkpoints).toMatchObject([{ file_rows: 4, selected: 2, bad: 2, dropped: 0, split_rows: { a: 4 } }])
  })

  it('refuses a second row with the same id, also in a later run and another file', async () => {
    const pipeline = ingestPipeline()
    const columns = { id: 'key' }
    pipeline.write({ 'data/a.jsonl': chat('one', { key: 'k' }) + chat('two', { key: 'k' }) })
    await pipeline.run({ split: 'all', columns })
    pipeline.write({ 'data/b.jsonl': chat('three', { key: 'k' }) + chat('four', { key: 'l' }) })
    await pipeline.run({ split: 'all', columns })
    const written = await pipeline.written()
    expect(texts(written)).toEqual({ 's/all/k': 'one', 's/all/l': 'four' })
    expect(written.deadLetters).toMatchObject([
      { reason: 'duplicate_id', file: 'a.jsonl', line: 2, row: 'k', detail: 'another row of this split has the id k' },
      { reason: 'duplicate_id', file: 'b.jsonl', line: 1, row: 'k' },
    ])
  })

  it('stands beside another one with the same files and ids', async () => {
    const pipeline = ingestPipeline()
    pipeline.write({ 'data/a.jsonl': chat('one', { key: 'k' }) })
    await pipeline.run({ name: 'first', columns: { id: 'key' } })
    await pipeline.run({ name: 'second', columns: { id: 'key' } })
    const written = await pipeline.written()
    expect(Object.keys(texts(written)).toSorted()).toEqual(['first/a/k', 'second/a/k'])
    expect(written.checkpoints.map(({ source }) => source)).toEqual(expect.arrayContaining(['first', 'second']))
  })

  it('is missing_file when there is nothing to read', async () => {
    const pipeline = ingestPipeline()
    await expect(pipeline.run()).rejects.toMatchObject({ code: 'missing_file', message: /there is no .*\/data$/ })
  })
})

describe('a crash', () => {
  it('at any commit, before or after it is on disk, changes nothing of what is written in the end', async () => {
    const rows = Array.from({ length: 450 }, (_, i) => (i % 50 === 7 ? 'broken\n' : chat(`${i} ${'x'.repeat(i)}`)))
    const files = {
      'data/a.jsonl': rows.join(''),
      'data/b.jsonl.gz': gzipSync(rows.slice(0, 210).join('')),
      'data/c.parquet': parquetFile([...Array(30).keys()].map(parquetRow), { groupRows: 10 }),
      'data/d.jsonl': chat('last').trim(),
    }
    const calm = ingestPipeline()
    calm.write(files)
    const counted = { commits: 0 }
    await calm.run({}, failingAt(-1, 'before', counted))
    const expected = await calm.written()
    expect(counted.commits).toBeGreaterThanOrEqual(7)
    expect(expected.deadLetters).toHaveLength(9 + 5)

    for (let commit = 0; commit < counted.commits; commit++) {
      for (const when of ['before', 'after'] as const) {
        const pipeline = ingestPipeline()
        pipeline.write(files)
        await expect(pipeline.run({}, failingAt(commit, when))).rejects.toThrow('crash')
        await pipeline.run()
        expect(await pipeline.written()).toEqual(expected)
      }
    }
  })
})

describe('the topic of checkpoints', () => {
  it('may hold what another program wrote; a checkpoint that cannot be read stops its source', async () => {
    const pipeline = ingestPipeline()
    pipeline.write({ 'data/a.jsonl': chat('one') })
    await pipeline.run()
    const before = await pipeline.written()
    const noise = (key: string) =>
      pipeline.withLog(async (log) => {
        const writer = await log.writer('noise')
        const value = Buffer.from('noise')
        await writer.commit([
          { topic: topicNames('test').sources, partition: 0, key, value, headers: {}, timestamp: 0 },
        ])
      })
    await noise('noise')
    await noise('other/a.jsonl')
    await pipeline.run()
    expect(await pipeline.written()).toEqual(before)
    await noise('s/a.jsonl')
    await expect(pipeline.run()).rejects.toMatchObject({
      code: 'log_broken',
      message: expect.stringContaining('the checkpoint of s/a.jsonl at offset'),
    })
  })
})

describe('a file that changed after it was read', () => {
  const settings = { path: 'data/a.jsonl' }

  it('gives its new rows when lines were appended, and nothing new when none were', async () => {
    const pipeline = ingestPipeline()
    pipeline.write({ 'data/a.jsonl': `${chat('0')}{\n` })
    await pipeline.run(settings)
    const before = await pipeline.written()
    const counted = { commits: 0 }
    await pipeline.run(settings, failingAt(-1, 'before', counted))
    expect(counted.commits).toBe(0)
    expect(await pipeline.written()).toEqual(before)

    pipeline.write({ 'data/a.jsonl': `${chat('0')}{\n\n${chat('2')}` })
    await pipeline.run(settings)
    const after = await pipeline.written()
    expect(texts(after)).toEqual({ 's/a/0': '0', 's/a/2': '2' })
    expect(after.messages.find(({ key }) => key === 's/a/2')?.body.line).toBe(4)
    expect(after.checkpoints).toMatchObject([{ file_rows: 3, selected: 2, bad: 1, done: true }])
  })

  it('gives a row once whose line got its ending later, and a half row whole when the rest has come', async () => {
    const pipeline = ingestPipeline()
    pipeline.write({ 'data/a.jsonl': chat('0').trim() })
    await pipeline.run(settings)
    pipeline.write({ 'data/a.jsonl': chat('0') + chat('1').slice(0, 20) })
    await pipeline.run(settings)
    pipeline.write({ 'data/a.jsonl': chat('0') + chat('1') + chat('2') })
    await pipeline.run(settings)
    const written = await pipeline.written()
    expect(written.messages.map(({ body }) => [body.content, body.line]).toSorted()).toEqual([
      ['0', 1],
      ['1', 2],
      ['2', 3],
    ])
    expect(written.deadLetters).toMatchObject([{ reason: 'invalid_json', line: 2 }])
  })

  it('is refused when it is shorter than what was read of it, or another one', async () => {
    const pipeline = ingestPipeline()
    pipeline.write({ 'data/a.jsonl': chat('0') + chat('1') })
    await pipeline.run(settings)
    pipeline.write({ 'data/a.jsonl': chat('0') })
    const bytes = chat('0').length
    await expect(pipeline.run(settings)).rejects.toMatchObject({
      code: 'settings_changed',
      message: `reading source s: a.jsonl was changed: it has ${bytes} bytes, and ${2 * bytes} of it were read before`,
      hint: expect.stringContaining('a new source in pipeline.yaml'),
    })
    // Another file of the same name that is longer.
    pipeline.write({ 'data/a.jsonl': chat('first') + chat('0') + chat('1') })
    await expect(pipeline.run(settings)).rejects.toMatchObject({
      code: 'settings_changed',
      message: `reading source s: a.jsonl was changed: the ${2 * bytes} bytes that were read before are others now`,
    })
    pipeline.write({ 'data/a.jsonl': chat('0') + chat('1') + chat('2') })
    await pipeline.run(settings)
    expect(Object.keys(texts(await pipeline.written())).toSorted()).toEqual(['s/a/0', 's/a/1', 's/a/2'])
    pipeline.write({ 'data/a.jsonl': chat('0') })
    await pipeline.run({ ...settings, name: 'again' })
    expect(Object.keys(texts(await pipeline.written())).toSorted()).toEqual(['again/a/0', 's/a/0', 's/a/1', 's/a/2'])
  })
})

describe('following', () => {
  it('reads what is appended and added, and leaves unfinished lines for later', async () => {
    const pipeline = ingestPipeline()
    const { signal } = new AbortController()
    pipeline.write({ 'data/a.jsonl': chat('a0') + chat('a1').slice(0, 12) })
    await pipeline.withLog(async (log) => {
      const ingest = await pipeline.open(log, {}, true)
      await ingest.readOn(signal)
      pipeline.write({ 'data/a.jsonl': chat('a0') + chat('a1'), 'data/b.jsonl': chat('b0') })
      await ingest.readOn(signal)
      await ingest.readOn(signal)
    })
    const written = await pipeline.written()
    expect(texts(written)).toEqual({ 's/a/0': 'a0', 's/a/1': 'a1', 's/b/0': 'b0' })
    expect(written.deadLetters).toEqual([])
    expect(written.checkpoints.every(({ done }) => !done)).toBe(true)
  })

  it('goes on from what an earlier run read to its end', async () => {
    const pipeline = ingestPipeline()
    pipeline.write({ 'data/a.jsonl': chat('a0').trim() })
    await pipeline.run()
    pipeline.write({ 'data/a.jsonl': chat('a0') + chat('a1') })
    await pipeline.withLog(async (log) => {
      const ingest = await pipeline.open(log, {}, true)
      await ingest.readOn(new AbortController().signal)
    })
    expect(texts(await pipeline.written())).toEqual({ 's/a/0': 'a0', 's/a/1': 'a1' })
  })

  it('stops at once when it is told to', async () => {
    const pipeline = ingestPipeline()
    pipeline.write({ 'data/a.jsonl': chat('a0') })
    await pipeline.withLog(async (log) => {
      const ingest = await pipeline.open(log, {}, true)
      await ingest.readOn(AbortSignal.abort())
    })
    expect((await pipeline.written()).messages).toEqual([])
  })
})
