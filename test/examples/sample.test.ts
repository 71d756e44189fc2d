import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ExportRow } from '../../services/export/export-row.ts'
import { type Ended, filesBelow, kalam, root, workFolder } from '../system/kalam.ts'

interface Fault {
  id: string
  message_index: number
  fault: string
}

describe('the bundled sample', () => {
  const folder = workFolder()
  const sample = join(root, 'examples/sample')
  const faults = JSON.parse(readFileSync(join(sample, 'faults.json'), 'utf8')) as Fault[]
  let ended: Ended
  let rows: ExportRow[]

  beforeAll(async () => {
    for (const name of ['conversations.jsonl', 'pipeline.yaml', 'recorded'])
      cpSync(join(sample, name), join(folder.path, name), { recursive: true })
    ended = await kalam(folder.path, 'run')
    const files = filesBelow(join(folder.path, 'out/release'))
    rows = [...files]
      .flatMap(([name, bytes]) => (name.endsWith('.jsonl') ? bytes.toString().trim().split('\n') : []))
      .map((line) => JSON.parse(line) as ExportRow)
  })
  afterAll(() => folder.remove())

  it('runs to its end and keeps every conversation', () => {
    expect(ended.code, ended.err).toBe(0)
    expect(rows).toHaveLength(25)
    expect(rows.every(({ keep }) => keep)).toBe(true)
  })

  it('holds at least one conversation of each kind', () => {
    const texts = rows.map(({ source_messages }) => source_messages.map(({ content }) => content).join('\n'))
    for (const mark of ['<think>', '\\boxed', '```python', '<tool_call>', '<tools>', '|---|', '<<']) {
      expect(
        texts.some((text) => text.includes(mark)),
        mark,
      ).toBe(true)
    }
    expect(rows.some(({ source_messages }) => source_messages.length > 5)).toBe(true)
    expect(rows.some(({ source_messages }) => source_messages[0]?.role === 'system')).toBe(true)
  })

  it('chooses sample_a in every faulty conversation and says what decided', () => {
    expect(new Set(faults.map(({ fault }) => fault)).size).toBeGreaterThanOrEqual(6)
    for (const { id, fault } of faults) {
      const row = rows.find((candidate) => candidate.id === id)
      expect(row?.winner, `${id} ${fault}`).toBe('sample_a')
      expect(row?.why, `${id} ${fault}`).toMatch(
        fault === 'missing_recording' ? /incomplete \(no_translation\)/ : /lr|scr/,
      )
    }
  })

  it('loses no chunk but the one that was never recorded', async () => {
    const failed = await kalam(
      folder.path,
      'sql',
      '--format',
      'json',
      "SELECT id, line, reason FROM v_chunks WHERE status = 'failed'",
    )
    const missing = faults.find(({ fault }) => fault === 'missing_recording')!
    expect(
      failed.out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([{ id: missing.id, line: 'sample_b', reason: 'no_translation' }])
  })

  it('passes verify', async () => {
    const verified = await kalam(folder.path, 'verify')
    expect(verified.out).not.toContain('BROKEN')
    expect(verified.code).toBe(0)
  })
})
