import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, it, onTestFinished } from 'vitest'
import { sourceSchema } from '../../../services/config.ts'
import { chooseRows } from '../../../services/estimate/chosen-rows.ts'
import { drawOf } from '../../../services/estimate/lowest.ts'
import { type SampledRow, type SampleOptions, sampledRows } from '../../../services/estimate/sampled-rows.ts'
import { filesSource } from '../../../services/ingest/files-source.ts'
import { workFolder } from '../../system/kalam.ts'

const rows = (count: number, split?: string): string =>
  Array.from({ length: count }, (_, i) =>
    JSON.stringify({
      n: i,
      ...(split && { split }),
      text: 'word '.repeat(10 + Math.floor(90 * drawOf(0, 'length', i))),
    }).concat('\n'),
  ).join('')

const sourceOf = (files: Record<string, string | Uint8Array>) => {
  const folder = workFolder()
  onTestFinished(() => folder.remove())
  mkdirSync(join(folder.path, 'data'))
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder.path, 'data', name), content)
  const source = sourceSchema.parse({ name: 's', path: 'data' })
  return { source, reader: filesSource(source, { base: folder.path, maxLineBytes: 2 ** 20, follow: false }) }
}

const signal = new AbortController().signal
const sample = async (of: ReturnType<typeof sourceOf>, options: Partial<SampleOptions>): Promise<SampledRow[]> => {
  const all: SampledRow[] = []
  const whole = { rows: 50, seed: 1, wholeBytes: 2 ** 30, signal, ...options }
  for await (const row of sampledRows(of.source, of.reader, whole)) all.push(row)
  return all
}
const rowCount = (sampled: readonly SampledRow[]) => sampled.reduce((sum, { weight }) => sum + weight, 0)

it('draws so many rows of every split, which stand for all of them', async () => {
  const of = sourceOf({ 'a.jsonl': rows(400), 'b.jsonl': `${rows(7)}no json\n`, 'c.jsonl': rows(90, 'own') })
  const sampled = await sample(of, {})
  const bySplit = (split: string) => sampled.filter((row) => row.split === split)
  expect(bySplit('a').map(({ weight }) => weight)).toEqual(Array(50).fill(8))
  expect(bySplit('b').map(({ value }) => value === undefined)).toEqual([...Array(7).fill(false), true])
  expect(bySplit('own')).toHaveLength(50)
  expect(rowCount(sampled)).toBeCloseTo(498)
  expect(await sample(of, {})).toEqual(sampled)
  expect(await sample(of, { seed: 2 })).not.toEqual(sampled)
  expect(await sample(of, { rows: 'all' })).toHaveLength(498)
})

it('tells the rows of a large split from bytes, at places all over its files', async () => {
  const of = sourceOf({ 'a-00000-of-00002.jsonl': rows(6000), 'a-00001-of-00002.jsonl': rows(3000) })
  const sampled = await sample(of, { rows: 400, wholeBytes: 1000 })
  expect(sampled.length).toBeGreaterThan(300)
  expect(sampled.every(({ isCounted }) => !isCounted)).toBe(true)
  expect(rowCount(sampled) / 9000).toBeGreaterThan(0.9)
  expect(rowCount(sampled) / 9000).toBeLessThan(1.1)
  expect(new Set(sampled.map(({ value }) => Math.floor((value as { n: number }).n / 1000))).size).toBeGreaterThan(4)
})

it('lets the first rows of compressed files stand for all', async () => {
  const of = sourceOf({ 'a.jsonl.gz': gzipSync(rows(5000)) })
  const sampled = await sample(of, { rows: 500, wholeBytes: 1000 })
  expect(sampled).toHaveLength(500)
  expect(rowCount(sampled) / 5000).toBeGreaterThan(0.9)
  expect(rowCount(sampled) / 5000).toBeLessThan(1.1)
})

it('chooses exactly so many rows of every split for a side run, or all, by their positions', async () => {
  const { source, reader } = sourceOf({ 'a.jsonl': rows(400), 'b.jsonl': rows(7), 'c.jsonl': rows(60, 'a') })
  const chosen = await chooseRows([source], () => reader, { rows: 20, seed: 1, signal })
  expect(chosen.splits).toEqual([
    { place: 's/a', rows: 460, chosen: 20 },
    { place: 's/b', rows: 7, chosen: 7 },
  ])
  const positions = Array.from({ length: 460 }, (_, at) => at).filter((at) => chosen.has('s/a', at))
  expect(positions).toHaveLength(20)
  expect(chosen.has('s/other', 0)).toBe(false)
  const fewer = await chooseRows([source], () => reader, { rows: 10, seed: 1, signal })
  expect(positions.filter((at) => fewer.has('s/a', at))).toHaveLength(10)
})
