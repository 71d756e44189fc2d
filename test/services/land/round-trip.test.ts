import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseRows } from '../../../services/land/parse-rows.ts'
import { rowText } from '../../../services/land/row-text.ts'
import { nativeText } from './native-text.ts'
import { type OpenedForTest, warehouses } from './warehouses.ts'

const place = { line: 'messages', generation: 1, source: 's', split: 't', partition: 0 }

const ways = warehouses.flatMap(([name, open]) => [
  [name, 'lists of JSON', open, (_table: string, rows: Record<string, unknown>[]) => rowText(rows)] as const,
  [name, 'blocks', open, nativeText] as const,
])

describe.each(ways)('the way into the tables of %s in %s and out again', (_name, _way, open, textOf) => {
  let opened: OpenedForTest
  let case_ = 0
  beforeAll(async () => {
    opened = await open()
  })
  afterAll(() => opened.close())

  const throughMessages = async (texts: string[]): Promise<unknown[]> => {
    const split = `case${case_++}`
    await opened.warehouse.insert(
      'messages',
      textOf(
        'messages',
        texts.map((content, offset) => ({
          ...place,
          split,
          row: '0',
          message_index: offset,
          role: 'user',
          content,
          offset,
        })),
      ),
    )
    const rows = await opened.warehouse.query<{ content: string }>(
      'SELECT content FROM v_messages WHERE split = {split:String} ORDER BY message_index',
      { split },
    )
    return rows.map(({ content }) => content)
  }

  it('keeps the hard texts', async () => {
    const texts = [
      '',
      '\u0000 in the middle\u0000',
      `"quotes" 'single' \`back\` \\ \\n {"a": 1}`,
      'lines\nof\r\ntext\ttab\u2028\u2029\u0085',
      '😀 👨‍👩‍👧 مرحبا \u200f\u202e \ufeff',
      'NaN',
      '{line:String} {{x}} $y %s ?',
      'x'.repeat(3_000_000) + '😀'.repeat(100_000),
    ]
    expect(await throughMessages(texts)).toEqual(texts)
  })

  it('keeps any text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 50 }), async (texts) => {
        expect(await throughMessages(texts)).toEqual(texts)
      }),
      { numRuns: 15 },
    )
  })

  it('keeps any text as a parameter', async () => {
    for (const text of ["it's", 'a\\b', 'a\\nb\nc\td\re', '\\N', '😀', '"', '{x:String}', "['it's'", '']) {
      expect(await opened.warehouse.query('SELECT {text:String} AS text', { text })).toEqual([{ text }])
    }
  })

  it('keeps every double of a metric; NaN and infinities are null', async () => {
    const split = 'doubles'
    const save = (row: string, metrics: Record<string, number | null>) =>
      opened.warehouse.insert(
        'candidates',
        textOf('candidates', [{ ...place, line: 'a', split, row, metrics, offset: 1 }]),
      )
    await opened.warehouse.insert(
      'live_generations',
      rowText([{ stage: 'score', line: 'a', generation: 1, offset: 1 }]),
    )
    const values = fc.sample(fc.double({ noNaN: true, noDefaultInfinity: true }), { numRuns: 200, seed: 7 })
    const metrics = Object.fromEntries(
      [...values.map((value) => value + 0), 1 / 3, -80565729751182480000, 5e-324, 1.7976931348623157e308].map(
        (value, i) => [`m${i}`, value],
      ),
    )
    await save('0', metrics)
    await save('1', { a: Number.NaN, b: Number.POSITIVE_INFINITY, c: null, d: 0 })
    const rows = await opened.warehouse.query<{ metrics: Record<string, number | null> }>(
      `SELECT metrics FROM v_candidates WHERE split = '${split}' ORDER BY row`,
    )
    expect(rows[0]?.metrics).toEqual(metrics)
    expect(rows[1]?.metrics).toEqual({ a: null, b: null, c: null, d: 0 })
  })

  it('keeps offsets up to the largest safe integer, and says larger integers as texts', async () => {
    await opened.warehouse.insert(
      'messages',
      textOf('messages', [{ ...place, split: 'offsets', row: '0', message_index: 0, offset: Number.MAX_SAFE_INTEGER }]),
    )
    expect(await opened.warehouse.query("SELECT offset FROM messages WHERE split = 'offsets'")).toEqual([
      { offset: Number.MAX_SAFE_INTEGER },
    ])
    expect(
      await opened.warehouse.query(
        "SELECT 18446744073709551615 AS n, [9007199254740993] AS list, map('k', -9007199254740993) AS m",
      ),
    ).toEqual([{ n: '18446744073709551615', list: ['9007199254740993'], m: { k: '-9007199254740993' } }])
  })

  it('touches no digits inside texts, nor floats', () => {
    const line = String.raw`{"a":"9007199254740993 \"9007199254740993","9007199254740993":1.2345678901234567e30,"c":0.12345678901234567}`
    expect(parseRows(`${line}\n${line}\n`)).toEqual([JSON.parse(line), JSON.parse(line)])
    expect(parseRows('')).toEqual([])
  })
})
