import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fileFolder, inShort, readJsonl } from './read-rows.ts'

const file = fileFolder()
const bytes = (...parts: (string | number[])[]) =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))))

describe('jsonlRows', () => {
  it('reads lines that end in LF, CRLF or nothing, and counts the empty ones', async () => {
    const rows = await readJsonl(file('endings.jsonl', '{"a":1}\r\n\n  \t\r\n{"a":2}\n\r\n{"a":3}'))
    expect(rows.map(inShort)).toEqual([
      [1, { a: 1 }],
      [4, { a: 2 }],
      [6, { a: 3 }],
    ])
    expect(rows.map(({ byteStart, byteEnd, next }) => [byteStart, byteEnd, next])).toEqual([
      [0, 7, 9],
      [15, 22, 23],
      [25, 32, 32],
    ])
  })

  it('skips a byte order mark', async () => {
    expect((await readJsonl(file('bom.jsonl', '\ufeff{"a":1}\n{"a":2}\n'))).map(inShort)).toEqual([
      [1, { a: 1 }],
      [2, { a: 2 }],
    ])
  })

  it('has no rows in a file that is empty or has only empty lines', async () => {
    expect(await readJsonl(file('empty.jsonl', ''))).toEqual([])
    expect(await readJsonl(file('blank.jsonl', '\n\r\n \n'))).toEqual([])
  })

  it('keeps a line separator of Unicode inside its text', async () => {
    expect((await readJsonl(file('separators.jsonl', '{"a":"x\u2028\u2029\u0085y"}\n'))).map(inShort)).toEqual([
      [1, { a: 'x\u2028\u2029\u0085y' }],
    ])
  })

  it.each([
    ['an overlong form', [0xc0, 0xaf], '0xc0'],
    ['an overlong form of three bytes', [0xe0, 0x80, 0xaf], '0xe0'],
    ['a surrogate', [0xed, 0xa0, 0x80], '0xed'],
    ['a code point above U+10FFFF', [0xf4, 0x90, 0x80, 0x80], '0xf4'],
    ['a byte that never occurs', [0xff], '0xff'],
    ['a stray continuation', [0x80], '0x80'],
    ['a sequence cut off', [0xe2, 0x82], '0xe2'],
  ])('says where %s stands, and goes on behind it', async (_name, wrong, shown) => {
    const rows = await readJsonl(file('utf8.jsonl', bytes('{"a":"é', wrong, '"}\n{"a":2}\n')))
    expect(rows.map(inShort)).toEqual([
      [1, 'invalid_utf8'],
      [2, { a: 2 }],
    ])
    expect(rows[0]).toMatchObject({
      bad: { detail: `byte 8 of the line, ${shown}, is no UTF-8`, raw: bytes('{"a":"é', wrong, '"}') },
    })
  })

  it('says where JSON breaks, and keeps the line', async () => {
    const rows = await readJsonl(file('broken.jsonl', '{"a":1}\n{"a":\n{"a":3}\nNaN\n'))
    expect(rows.map(inShort)).toEqual([
      [1, { a: 1 }],
      [2, 'invalid_json'],
      [3, { a: 3 }],
      [4, 'invalid_json'],
    ])
    expect(rows[1]).toMatchObject({ byteStart: 8, byteEnd: 13, bad: { raw: Buffer.from('{"a":') } })
  })

  it('reads a line of exactly the limit, and of a longer one only the beginning', async () => {
    const line = (length: number) => `"${'x'.repeat(length - 2)}"`
    const maxLineBytes = 100_000
    const path = file('long.jsonl', `${line(maxLineBytes)}\r\n${line(maxLineBytes + 1)}\r\n{"a":3}\n`)
    const rows = await readJsonl(path, { maxLineBytes })
    expect(rows.map((row) => ('value' in row ? JSON.stringify(row.value).length : row.bad.reason))).toEqual([
      maxLineBytes,
      'too_large',
      7,
    ])
    expect(rows[1]).toMatchObject({ bad: { detail: 'the line has 100001 bytes, at most 100000 are read' } })
    expect('bad' in rows[1]! && rows[1].bad.raw.length).toBe(64 * 1024)
  })

  it('leaves an unfinished last line for later while a file grows', async () => {
    const path = file('grows.jsonl', '{"a":1}\n{"a":2')
    expect((await readJsonl(path, { follow: true })).map(inShort)).toEqual([[1, { a: 1 }]])
    file('grows.jsonl', '{"a":1}\n{"a":22}\n')
    expect((await readJsonl(path, { follow: true, from: 8, line: 2 })).map(inShort)).toEqual([[2, { a: 22 }]])
    expect(await readJsonl(file('number.jsonl', '12'), { follow: true })).toEqual([])
  })

  it('reads a whole object without an ending, whether the file grows or not', async () => {
    const text = '{"a":1}\n{"a":{"b":[2]}}'
    for (let cut = 9; cut <= text.length; cut++) {
      const path = file('whole.jsonl', text.slice(0, cut))
      const rows = await readJsonl(path, { follow: true })
      expect(rows.map(inShort)).toEqual(
        [
          [1, { a: 1 }],
          [2, { a: { b: [2] } }],
        ].slice(0, cut < text.length ? 1 : 2),
      )
      file('whole.jsonl', `${text}\n{"c":3}`)
      const { next, line } = rows.at(-1)!
      const after = await readJsonl(path, { follow: true, from: next, line: line + 1 })
      expect([...rows, ...after].map(inShort)).toEqual([
        [1, { a: 1 }],
        [2, { a: { b: [2] } }],
        [3, { c: 3 }],
      ])
    }
  })

  it('gives the same rows from every row on', async () => {
    const line = fc.oneof(
      fc.constantFrom('', ' ', '{"a":1}', '{"a":"é☃𝄞"}', '{"a":', '[1,2]', '\u2028', '"\ufeff"'),
      fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => JSON.stringify({ text })),
    )
    const content = fc
      .tuple(fc.array(fc.tuple(line, fc.constantFrom('\n', '\r\n')), { maxLength: 12 }), line)
      .map(([lines, last]) => lines.flat().join('') + last)
    await fc.assert(
      fc.asyncProperty(content, async (text) => {
        const path = file('resume.jsonl', text)
        const rows = await readJsonl(path)
        const endings = [...text.matchAll(/\n/g)].map(({ index }) => Buffer.byteLength(text.slice(0, index)))
        for (const { line, byteStart } of rows) {
          expect(line).toBe(1 + endings.filter((ending) => ending < byteStart).length)
        }
        for (const [i, row] of rows.entries()) {
          const rest = await readJsonl(path, { from: row.next, line: row.line + 1 })
          expect(rest).toEqual(rows.slice(i + 1))
        }
      }),
      { numRuns: 60 },
    )
  })

  it('gives the whole row when its line was half written before, and a finished one only once', async () => {
    const rows = ['{"a":1}', '{"b":"☃"}', '{"c":3}']
    const text = `${rows[0]}\r\n${rows[1]}  \n\n${rows[2]}\n`
    const bytes = Buffer.from(text)
    for (let cut = 0; cut <= bytes.length; cut++) {
      const path = file('halves.jsonl', bytes.subarray(0, cut))
      const before = await readJsonl(path)
      file('halves.jsonl', bytes)
      const last = before.at(-1)
      const after = await readJsonl(path, last && { from: last.next, line: last.line + 1 })
      const good = [...before, ...after].filter((row) => 'value' in row)
      expect(good.map(inShort)).toEqual([
        [1, { a: 1 }],
        [2, { b: '☃' }],
        [4, { c: 3 }],
      ])
      expect(after.filter((row) => 'bad' in row)).toEqual([])
    }
  })

  it('reads a long line again that went on behind a row', async () => {
    const path = file('long-half.jsonl', `{"a":1}\n{"b":"${'x'.repeat(200_000)}"}`)
    const last = (await readJsonl(path)).at(-1)!
    file('long-half.jsonl', `{"a":1}\n{"b":"${'x'.repeat(200_000)}"}${' '.repeat(100_000)}`)
    expect(await readJsonl(path, { from: last.next, line: 3 })).toEqual([])
    file('long-half.jsonl', `{"a":1}\n{"b":"${'x'.repeat(200_000)}"}${' '.repeat(100_000)},\n{"c":3}\n`)
    expect((await readJsonl(path, { from: last.next, line: 3 })).map(inShort)).toEqual([
      [2, 'invalid_json'],
      [3, { c: 3 }],
    ])
  })

  it('ends without a row when it is stopped', async () => {
    const stop = new AbortController()
    stop.abort()
    expect(await readJsonl(file('stopped.jsonl', '{"a":1}\n'), { signal: stop.signal })).toEqual([])
  })
})
