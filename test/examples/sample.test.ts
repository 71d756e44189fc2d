import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ExportRow } from '../../services/export/export-row.ts'
import { type Ended, filesBelow, kalam, root, workFolder } from '../system/kalam.ts'

interface Fault {
  id: string
  message_index: number
  fault: string
}

const sample = join(root, 'examples/sample')
const chat = join(root, 'test/data/chat')
/** Rows that a filter must drop, and meetings too long to translate by hand. */
const leftOut = ['chinese_contamination', 'degenerate_long', 'long_context']

const linesOf = (file: string): string[] => readFileSync(file, 'utf8').trim().split('\n')
const count = (text: string, pattern: RegExp): number => (text.match(pattern) ?? []).length

/** How a kind of fault shows in a message, beside its source. */
const shows: Record<string, (source: string, target: string) => boolean> = {
  broken_code_fence: (source, target) => count(target, /^```/gm) !== count(source, /^```/gm),
  dropped_paragraph: (source, target) => count(target, /\S.*$/gm) < count(source, /\S.*$/gm),
  english_left: (source, target) => target !== source && /(?:[A-Za-z']+[ ,.]+){8}/.test(target),
  runaway_repetition: (_, target) => /(\S+ \S+ \S+ )\1{9}/.test(target),
  too_short: (source, target) => target.length < source.length / 4,
  untranslated_turn: (source, target) => target === source,
}
/** What a kind of fault must be decided by. */
const decidedBy: Record<string, RegExp> = {
  broken_code_fence: /lr decides/,
  dropped_paragraph: /lr decides/,
  english_left: /scr decides/,
  missing_recording: /sample_b is incomplete \(no_translation\)/,
  runaway_repetition: /lr decides/,
  too_short: /lr decides/,
  untranslated_turn: /of sample_b, scr 0\.\d+ is not >= 0\.8/,
}

describe('the bundled sample', () => {
  const folder = workFolder()
  const faults = JSON.parse(readFileSync(join(sample, 'faults.json'), 'utf8')) as Fault[]
  const conversations = linesOf(join(sample, 'conversations.jsonl'))
  let ended: Ended
  let tookMs: number

  const exported = (ranking: string): Map<string, ExportRow> =>
    new Map(
      [...filesBelow(join(folder.path, 'out', ranking))]
        .flatMap(([name, bytes]) => (name.endsWith('.jsonl') ? bytes.toString().trim().split('\n') : []))
        .map((line) => JSON.parse(line) as ExportRow)
        .map((row) => [row.id, row]),
    )
  const sql = async (query: string): Promise<Record<string, unknown>[]> => {
    const { out } = await kalam(folder.path, 'sql', '--format', 'json', query)
    const lines = out.trim() === '' ? [] : out.trim().split('\n')
    return lines.map((line) => JSON.parse(line))
  }
  /** Every message with its source and both candidates. */
  const messages = () => {
    const [a, b] = [exported('sample_a_ranked'), exported('sample_b_ranked')]
    return [...a.values()].flatMap(({ id, source_messages, messages }) =>
      source_messages.map(({ content: source }, index) => ({
        place: `${id} ${index}`,
        source,
        a: messages[index]!.content,
        b: b.get(id)!.messages[index]!.content,
      })),
    )
  }

  beforeAll(async () => {
    for (const name of ['conversations.jsonl', 'pipeline.yaml', 'recorded'])
      cpSync(join(sample, name), join(folder.path, name), { recursive: true })
    const start = performance.now()
    ended = await kalam(folder.path, 'run')
    tookMs = performance.now() - start
  })
  afterAll(() => folder.remove())

  it('runs to its end in seconds and keeps every conversation', () => {
    expect(ended.code, ended.err).toBe(0)
    expect(tookMs).toBeLessThan(30_000)
    const rows = [...exported('release').values()]
    expect(rows).toHaveLength(conversations.length)
    expect(rows.every(({ keep }) => keep)).toBe(true)
  })

  it('holds at least 24 rows, verbatim, and one or more of every kind of chat data', () => {
    const unseen = new Set(conversations)
    for (const file of readdirSync(chat)) {
      const rows = linesOf(join(chat, file)).filter((line) => unseen.delete(line))
      expect(rows.length > 0, file).toBe(!leftOut.includes(file.replace('.jsonl', '')))
    }
    expect([...unseen]).toEqual([])
    expect(conversations.length).toBeGreaterThanOrEqual(24)
  })

  it('holds turns, system prompts, tool dialects and messages of many chunks', async () => {
    const turns = conversations.map((line) => JSON.parse(line).messages as { role: string; content: string }[])
    const texts = turns.map((messages) => messages.map(({ content }) => content).join('\n'))
    for (const mark of ['<think>', '\\boxed', '```python', '<tool_call>', '<tool_response>', '<tools>', '|---|', '<<'])
      expect(texts.filter((text) => text.includes(mark)).length, mark).toBeGreaterThan(0)
    expect(turns.some((messages) => messages.length >= 8)).toBe(true)
    expect(turns.some((messages) => messages[0]!.role === 'system')).toBe(true)
    const parts = await sql(
      `SELECT id, count() AS chunks FROM v_chunks WHERE line = 'sample_a' AND status = 'translated'
       GROUP BY id, message_index, part_index HAVING chunks >= 5`,
    )
    expect(parts.map(({ id }) => id)).toContain('sample/s1k_think/0')
    expect(Math.max(...texts.map((text) => text.length))).toBeGreaterThan(8000)
  })

  it('names the source and the licence of every row in its README', () => {
    const cellsOf = (line: string) => line.split(/(?<!\\)\|/).map((cell) => cell.trim())
    const tableOf = (file: string) => linesOf(file).filter((line) => line.startsWith('|'))
    const licences = new Map(
      tableOf(join(root, 'test/data/README.md')).map((line) => [cellsOf(line)[1], cellsOf(line)]),
    )
    const rows = tableOf(join(sample, 'README.md')).slice(2).map(cellsOf)
    const seen = new Map<string, number>()
    const expected = conversations.map((line) => {
      const { id, split, source } = JSON.parse(line)
      const file = readdirSync(chat).find((name) => linesOf(join(chat, name)).includes(line))
      const position = seen.get(split) ?? 0
      seen.set(split, position + 1)
      return [`sample/${split}/${position}`, file?.replace('.jsonl', ''), id, source, licences.get(`chat/${file}`)?.[5]]
    })
    expect(rows.map((cells) => cells.slice(1, 6))).toEqual(expected)
  })

  it('loses no chunk but the one that was never recorded', async () => {
    const missing = faults.filter(({ fault }) => fault === 'missing_recording')
    expect(
      await sql("SELECT id, line, message_index, reason FROM v_chunks WHERE status NOT IN ('translated', 'kept')"),
    ).toEqual(
      missing.map(({ id, message_index }) => ({ id, line: 'sample_b', message_index, reason: 'no_translation' })),
    )
  })

  it('has exactly the faults of faults.json in sample_b, and none in sample_a', () => {
    const missing = faults.filter(({ fault }) => fault === 'missing_recording').map((f) => `${f.id} ${f.message_index}`)
    const found = messages()
      .filter(({ place }) => !missing.includes(place))
      .flatMap(({ place, source, a, b }) =>
        Object.entries(shows).flatMap(([fault, shown]) =>
          shown(source, b) && !shown(source, a) ? [`${place} ${fault}`] : [],
        ),
      )
    const listed = faults.filter(({ fault }) => fault !== 'missing_recording')
    expect(found.sort()).toEqual(listed.map((f) => `${f.id} ${f.message_index} ${f.fault}`).sort())
    expect(new Set(faults.map(({ fault }) => fault))).toEqual(new Set(Object.keys(decidedBy)))
  })

  it.each(faults)('chooses sample_a over the $fault of $id and says why', ({ id, fault }) => {
    const row = exported('release').get(id)
    expect(row?.winner).toBe('sample_a')
    expect(row?.why).toMatch(decidedBy[fault]!)
  })

  it('leaves numbers, marks and formulas alone, in two translations that differ', () => {
    const faulty = new Set(faults.map((f) => `${f.id} ${f.message_index}`))
    const kept = (text: string) => [
      ...[...text.matchAll(/\d+(?:\.\d+)?|\{[a-z]+\}/g)].map(([kept]) => kept).sort(),
      ...[...text.matchAll(/\\\(.+?\\\)|(?<=\$)[^$\n]*[\\=^][^$\n]*(?=\$)/g)].map(([formula]) => formula).sort(),
    ]
    for (const { place, source, a, b } of messages()) {
      expect(kept(a), place).toEqual(kept(source))
      if (faulty.has(place)) continue
      expect(kept(b), place).toEqual(kept(source))
      if (a !== source) expect(b, place).not.toBe(a)
    }
  })

  it('passes verify', async () => {
    const verified = await kalam(folder.path, 'verify')
    expect(verified.out).not.toContain('BROKEN')
    expect(verified.code).toBe(0)
  })
})
