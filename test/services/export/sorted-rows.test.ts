import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, it } from 'vitest'
import { sortedRows } from '../../../services/export/sorted-rows.ts'
import { workFolder } from '../../system/kalam.ts'

const folder = workFolder()
afterAll(() => folder.remove())

type Limits = NonNullable<Parameters<typeof sortedRows>[1]>

const sorted = async (rows: [string, string][], limits: Limits = {}): Promise<string[]> => {
  const sorter = sortedRows(join(folder.path, 'sort'), limits)
  for (const [key, text] of rows) await sorter.add(key, text)
  return collect(sorter.merged())
}
const collect = async (texts: AsyncIterable<Buffer>): Promise<string[]> => {
  const all: string[] = []
  for await (const text of texts) all.push(text.toString())
  return all
}

it('sorts by key in memory and over many files alike', async () => {
  const key = fc.string({ unit: fc.constantFrom('a', 'b', '\u0001', '~', '0', 'é', '😀'), maxLength: 6 })
  const text = fc.string({ unit: 'binary' }).map((value) => JSON.stringify(value))
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.tuple(key, text), { selector: ([k]) => k, maxLength: 60 }), async (rows) => {
      const expected = rows.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value)
      expect(await sorted(rows)).toEqual(expected)
      expect(await sorted(rows, { runBytes: 40 })).toEqual(expected)
      expect(await sorted(rows, { runBytes: 40, mostRuns: 2 })).toEqual(expected)
    }),
    { numRuns: 25 },
  )
})

it('keeps texts whole that hold other line separators, and leaves no files behind', async () => {
  const texts = ['"\u2028a\u2029"', '"\u0085\r"', '"b"']
  const rows = texts.map((text, i): [string, string] => [String(i), text])
  expect(await sorted(rows, { runBytes: 1 })).toEqual(texts)
  expect(existsSync(join(folder.path, 'sort'))).toBe(false)
})

it('keeps texts of one key in the order they came in', async () => {
  const rows = [...Array(50).keys()].map((i): [string, string] => [`key ${i % 3}`, String(i)])
  const expected = rows.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, text]) => text)
  expect(await sorted(rows)).toEqual(expected)
  expect(await sorted(rows, { runBytes: 4, mostRuns: 3 })).toEqual(expected)
})

it('sorts texts that are larger than a file is meant to be and than one read', async () => {
  const texts = [...Array(12).keys()].map((i) => String(i % 10).repeat(i % 4 === 0 ? 700_001 : 9))
  const rows = texts.map((text, i): [string, string] => [String(99 - i), text])
  expect(await sorted(rows, { runBytes: 1000, mostRuns: 2 })).toEqual(texts.toReversed())
})

it('merges a bounded number of files at once', async () => {
  const sort = join(folder.path, 'bounded')
  mkdirSync(sort)
  const sorter = sortedRows(sort, { runBytes: 10, mostRuns: 4 })
  for (let i = 0; i < 100; i++) await sorter.add(String(1000 + i), 'ten bytes.')
  expect(readdirSync(sort).length).toBeGreaterThan(90)
  const merged = sorter.merged()
  await merged.next()
  expect(readdirSync(sort).length).toBeLessThanOrEqual(4)
  await merged.return(undefined)
})
