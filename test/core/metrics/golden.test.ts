import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { metrics, metricVersions } from '../../../core/metrics/index.ts'

interface GoldenRow {
  file: string
  id: string
  system: string
  source: string
  target: string
  [metric: string]: string | number | null
}

const golden = readFileSync(new URL('../../golden/metrics.jsonl', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as GoldenRow)

for (const { name, score } of metrics) {
  it(`gives the ${name} of an independent implementation on all 182 pairs`, () => {
    expect(golden).toHaveLength(182)
    const different = golden.filter((row) => {
      const [ours, theirs] = [score(row), row[name]]
      return ours === null || typeof theirs !== 'number' ? ours !== theirs : !(Math.abs(ours - theirs) <= 1e-6)
    })
    expect(different.map(({ file, id, system }) => `${file} ${id} ${system}`)).toEqual([])
  })
}

it('names the version of every metric', () => {
  expect(metricVersions).toEqual({ lr: 1, scr: 1 })
})
