import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeFiles } from '../../examples/real-systems/make.ts'
import type { ExportRow } from '../../services/export/export-row.ts'
import { type Ended, filesBelow, kalam, root, workFolder } from '../system/kalam.ts'

interface Scored {
  id: string
  split: string
  line: string
  lr: number
  scr: number
}

const example = join(root, 'examples/real-systems')
const readme = readFileSync(join(example, 'README.md'), 'utf8')

/** How often every line has the highest value of its row, alone and with ties, up to rounding. */
const bestOf = (
  scored: Scored[],
  value: (candidate: Scored) => number,
): Record<string, { alone: number; among: number }> => {
  const best: Record<string, { alone: number; among: number }> = {}
  for (const id of new Set(scored.map((candidate) => candidate.id))) {
    const row = scored.filter((candidate) => candidate.id === id)
    const highest = Math.max(...row.map(value))
    const first = row.filter((candidate) => highest - value(candidate) < 1e-9)
    for (const { line } of first) {
      best[line] ??= { alone: 0, among: 0 }
      best[line].among++
      if (first.length === 1) best[line].alone++
    }
  }
  return best
}
const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

describe('the example of real systems', () => {
  const folder = workFolder()
  let ended: Ended
  let rows: ExportRow[]
  let scored: Scored[]

  beforeAll(async () => {
    for (const name of ['pipeline.yaml', 'sentences', 'recorded'])
      cpSync(join(example, name), join(folder.path, name), { recursive: true })
    ended = await kalam(folder.path, 'run')
    rows = [...filesBelow(join(folder.path, 'out/best'))]
      .flatMap(([name, bytes]) => (name.endsWith('.jsonl') ? bytes.toString().trim().split('\n') : []))
      .map((line) => JSON.parse(line) as ExportRow)
    scored = rows.flatMap(({ id, split, candidates }) =>
      candidates
        .filter(({ complete, in_line }) => complete && in_line)
        .map(({ line, metrics }) => ({ id, split, line, ...JSON.parse(metrics) })),
    )
  })
  afterAll(() => folder.remove())

  it('has the files that make.ts makes', () => {
    for (const [path, text] of makeFiles())
      expect(readFileSync(join(example, path), 'utf8') === text, `${path} is stale: run make.ts`).toBe(true)
  })

  it('runs to its end and finds a winner for every sentence among its own systems', () => {
    expect(ended.code, ended.err).toBe(0)
    expect(rows).toHaveLength(454)
    const linesOf = (split: string) => new Set(scored.filter((one) => one.split === split).map(({ line }) => line))
    expect([...linesOf('winomt')].sort()).toEqual(['aws', 'bing', 'google', 'systran'])
    expect(linesOf('flores').size).toBe(7)
    for (const { id, split, winner } of rows) expect(linesOf(split), id).toContain(winner)
  })

  it('fails the empty answers, which lose', async () => {
    const failed = await kalam(
      folder.path,
      ...['sql', '--format', 'json', "SELECT id, line, reason FROM v_chunks WHERE status = 'failed' ORDER BY line, id"],
    )
    const lines = failed.out.trim().split('\n')
    const chunks = lines.map((line) => JSON.parse(line) as { id: string; line: string; reason: string })
    expect(chunks.map(({ line, reason }) => `${line} ${reason}`)).toEqual([
      'gpt35_levantine empty',
      ...Array(3).fill('gpt35_romanised empty'),
    ])
    for (const { id, line } of chunks) {
      const row = rows.find((one) => one.id === id)
      expect(row?.keep, id).toBe(true)
      expect(row?.winner, id).not.toBe(line)
      expect(row?.candidates.find((candidate) => candidate.line === line)?.place, id).toBe(7)
    }
  })

  it('gives romanised Arabic a script ratio near 0 and never chooses it', () => {
    const romanised = scored.filter(
      ({ line, scr }) => line === 'human_romanised' || (line === 'gpt35_romanised' && scr < 0.1),
    )
    expect(romanised).toHaveLength(104 + 101 - 8)
    expect(mean(romanised.map(({ scr }) => scr))).toBeLessThan(0.01)
    expect(mean(romanised.map(({ lr }) => lr))).toBeGreaterThan(0.7)
    for (const { id, line } of romanised) expect(rows.find((row) => row.id === id)?.winner, id).not.toBe(line)
  })

  it('prefers the plainly worst system by length and script, and its README says so', () => {
    const winomt = scored.filter(({ split }) => split === 'winomt')
    const bySum = bestOf(winomt, ({ lr, scr }) => (lr + scr) / 2)
    const table = ['google', 'bing', 'aws', 'systran'].map((line) => {
      const own = winomt.filter((one) => one.line === line)
      const [lr, scr] = [mean(own.map((one) => one.lr)), mean(own.map((one) => one.scr))]
      return [line, lr.toFixed(3), scr.toFixed(3), `${bySum[line]!.alone}`, `${bySum[line]!.among}`]
    })
    for (const [line, { alone }] of Object.entries(bySum))
      if (line !== 'systran') expect(alone, line).toBeLessThan(bySum.systran!.alone)
    const written = readme.split('\n').map((line) => line.split('|').map((cell) => cell.trim()))
    for (const cells of table) expect(written).toContainEqual(['', ...cells, ''])

    const byProduct = bestOf(winomt, ({ lr, scr }) => lr * scr).systran!
    expect(byProduct).toEqual({ alone: 92, among: 135 })
    expect(readme).toContain('best alone in 92 of 350 rows and among the best in 135')
    const human = scored.filter(({ line }) => line === 'human_msa').map(({ lr }) => lr)
    expect(readme).toContain(`\`human_msa\` has a mean LR of ${mean(human).toFixed(3)}`)
  })

  it('passes verify', async () => {
    const verified = await kalam(folder.path, 'verify')
    expect(verified.out).not.toContain('BROKEN')
    expect(verified.code).toBe(0)
  })
})
