import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, it } from 'vitest'
import { sortedRows } from '../../../services/export/sorted-rows.ts'
import { workFolder } from '../../system/kalam.ts'

const folder = workFolder()
afterAll(() => folder.remove())

const sorted = async (rows: [string, string][], runBytes: number): Promise<string[]> => {
  const sorter = sortedRows(join(folder.path, 'sort'), runBytes)
  for (const [key, text] of rows) await sorter.add(key, text)
  return collect(sorter.merged())
}
const collect = async (texts: AsyncIterable<string>): Promise<string[]> => {
  const all: string[] = []
  for await (const text of texts) all.push(text)
  return all
}

it('sorts by key in memory and over many files alike', async () => {
  const key = fc.string({ unit: fc.constantFrom('a', 'b', '\u0001', '~', '0', 'é', '😀'), maxLength: 6 })
  const text = fc.string({ unit: 'binary' }).map((value) => JSON.stringify(value))
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.tuple(key, text), { selector: ([k]) => k, maxLength: 60 }), async (rows) => {
      const expected = rows.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value)
      expect(await sorted(rows, 1e9)).toEqual(expected)
      expect(await sorted(rows, 40)).toEqual(expected)
    }),
    { numRuns: 60 },
  )
})

it('keeps texts whole that hold other line separators, and leaves no files behind', async () => {
  const texts = ['"\u2028a\u2029"', '"\u0085\r"', '"b"']
  expect(
    await sorted(
      texts.map((text, i) => [String(i), text]),
      1,
    ),
  ).toEqual(texts)
  expect(existsSync(join(folder.path, 'sort'))).toBe(false)
})
