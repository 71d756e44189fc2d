import { parquetMetadata } from 'hyparquet'
import { describe, expect, it } from 'vitest'
import { asJson, parquetRows } from '../../../services/ingest/parquet-reader.ts'
import { parquetFile, parquetRow } from './parquet-file.ts'
import { allRows, fileFolder, inShort } from './read-rows.ts'

const file = fileFolder()
const rows = Array.from({ length: 25 }, (_, i) => parquetRow(i))
const read = (path: string, from = 0, options: { follow?: boolean; signal?: AbortSignal } = {}) =>
  allRows(parquetRows({ path, from, follow: false, signal: new AbortController().signal, ...options }))

describe('parquetRows', () => {
  it.each(['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'BROTLI'] as const)(
    'reads nested rows compressed with %s',
    async (codec) => {
      const found = await read(file('codec.parquet', parquetFile(rows, { codec, groupRows: 10 })))
      expect(found).toHaveLength(25)
      expect(found.map(({ line }) => line)).toEqual(rows.map((_, i) => i + 1))
      expect(found[3]).toMatchObject({
        value: {
          messages: [
            { role: 'user', content: 'What is 3 squared?' },
            { role: 'assistant', content: 'It is 9. ✓' },
          ],
          chat_template_kwargs: { enable_thinking: false, xml_tools: ['{"name":"square"}'] },
          number: 3,
          at: '2025-01-04T00:00:00.000Z',
          bytes: Buffer.from([3, 0xff]).toString('base64'),
        },
      })
    },
  )

  it('gives a batch per row group and goes on at any row', async () => {
    const path = file('groups.parquet', parquetFile(rows, { groupRows: 10 }))
    const batches: number[] = []
    const { signal } = new AbortController()
    for await (const batch of parquetRows({ path, from: 0, follow: false, signal })) batches.push(batch.length)
    expect(batches).toEqual([10, 10, 5])
    const whole = await read(path)
    for (const row of whole) expect(await read(path, row.next)).toEqual(whole.slice(row.next))
  })

  it('has no rows in a file without rows', async () => {
    expect(await read(file('none.parquet', parquetFile([])))).toEqual([])
  })

  it('keeps null messages and integers that a number cannot hold', async () => {
    const odd = { ...parquetRow(1), messages: null, number: 2n ** 60n + 1n }
    expect(await read(file('odd.parquet', parquetFile([odd])))).toMatchObject([
      { value: { messages: null, number: '1152921504606846977' } },
    ])
  })

  it('keeps a byte order mark in a text, and refuses a row with a text that is no UTF-8', async () => {
    const marked = parquetRow(0)
    marked.messages![0]!.content = '\ufeffHello'
    const wrong = parquetRow(1)
    wrong.messages![1]!.content = 'PUT WRONG BYTES HERE'
    const bytes = parquetFile([marked, wrong, parquetRow(2)], { codec: 'UNCOMPRESSED' })
    bytes[bytes.indexOf('WRONG BYTES')] = 0xc0
    const found = await read(file('utf8.parquet', bytes))
    expect(found.map(({ line }) => line)).toEqual([1, 2, 3])
    expect(found[0]).toMatchObject({ value: { messages: [{ content: '\ufeffHello' }, {}] } })
    expect(found[1]).toMatchObject({
      bad: { reason: 'invalid_utf8', detail: 'byte 4 of a text, 0xc0, is no UTF-8' },
    })
    expect(found[2]).toMatchObject({ value: { number: 2 } })
  })

  it.each([
    ['cut off', (whole: Buffer) => whole.subarray(0, whole.length / 2)],
    ['empty', () => Buffer.alloc(0)],
    ['no Parquet', () => Buffer.from('{"messages":[]}\n'.repeat(10))],
    ['cut off in its footer', (whole: Buffer) => whole.subarray(0, -9)],
  ])('is one bad row where a file is %s', async (_name, damage) => {
    const path = file('damaged.parquet', damage(parquetFile(rows)))
    expect((await read(path)).map(inShort)).toEqual([[1, 'damaged_parquet']])
    expect(await read(path, 1)).toEqual([])
  })

  it('leaves a file without a footer for later while files grow', async () => {
    expect(await read(file('written.parquet', parquetFile(rows).subarray(0, 100)), 0, { follow: true })).toEqual([])
    expect(await read(file('written.parquet', parquetFile(rows)), 0, { follow: true })).toHaveLength(25)
  })

  it('has a bad row for every row of a damaged group, and the rows of the groups behind it', async () => {
    const bytes = parquetFile(rows, { groupRows: 10, codec: 'GZIP' })
    const damaged = parquetMetadata(new Uint8Array(bytes).buffer).row_groups[1]!.columns[1]!.meta_data!
    bytes.fill(0xff, Number(damaged.data_page_offset), Number(damaged.data_page_offset) + 40)
    const found = await read(file('group.parquet', bytes))
    const bad = found.filter((row) => 'bad' in row)
    expect(bad.map(({ line }) => line)).toEqual(Array.from({ length: 10 }, (_, i) => 11 + i))
    expect(bad[0]).toMatchObject({ bad: { reason: 'damaged_parquet' } })
    expect('bad' in bad[0]! && bad[0].bad.detail).toMatch(/^rows 11 to 20 of the file are damaged: /)
    expect(found.filter((row) => 'value' in row).map(({ line }) => line)).toEqual(
      [...Array(10).keys(), ...[20, 21, 22, 23, 24]].map((i) => i + 1),
    )
  })

  it('throws when the file cannot be read at all', async () => {
    await expect(read('/nowhere/a.parquet')).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('ends without a row when it is stopped', async () => {
    expect(await read(file('stop.parquet', parquetFile(rows)), 0, { signal: AbortSignal.abort() })).toEqual([])
  })
})

describe('asJson', () => {
  it('makes what JSON can hold of every value that Parquet has', () => {
    const value = {
      small: 7n,
      large: -(2n ** 60n),
      none: undefined,
      when: new Date(0),
      never: new Date(Number.NaN),
      text: Buffer.from('é'),
      binary: Buffer.from([0xff]),
      list: new Float32Array([0.5, 1]),
      nested: [{ deep: [1n] }],
      ['__proto__']: 1n,
    }
    expect(JSON.stringify(asJson(value))).toBe(
      '{"small":7,"large":"-1152921504606846976","none":null,"when":"1970-01-01T00:00:00.000Z","never":null,"text":"é","binary":"/w==","list":[0.5,1],"nested":[{"deep":[1]}],"__proto__":1}',
    )
  })
})
