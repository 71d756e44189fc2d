import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ExportRow } from '../../../services/export/export-row.ts'
import { type Ended, filesBelow, kalam, workFolder } from '../../system/kalam.ts'

const pipeline = `
pipeline: exported
sources: [{ name: talk, path: data }]
chunkings: { all: { by: tokens } }
translators:
  good: { backend: recorded, file: good.jsonl, chunking: all }
  fake: { backend: pseudo, chunking: all, splits: { only: [more] } }
rankings:
  good_ranked: { candidates: [good] }
  best: { candidates: [good, fake], keep: { lr: ">= 0.4", scr: ">= 0.8" } }
`
const turn = (role: string, content: string) => ({ role, content })
const rows = {
  chat: [
    { messages: [turn('user', 'Good morning'), turn('assistant', 'Hello "you"\u2028there')], topic: 'greeting', n: 3 },
    { messages: [turn('user', 'Good morning'), turn('assistant', 'Never recorded')] },
    {
      messages: [turn('user', 'Good morning')],
      chat_template_kwargs: { xml_tools: ['{"name": "f"}'], enable_thinking: true, own: 1 },
    },
  ],
  more: [{ messages: [turn('user', 'Only the fake one knows this'), turn('assistant', '```\ncode\n```')] }],
}
const recorded = [
  { source: 'Good morning', target: 'صباح الخير' },
  { source: 'Hello "you"\u2028there', target: 'مرحبا "بك"\u2028هناك' },
]
const jsonl = (values: unknown[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('')

describe('an exported dataset', () => {
  const folder = workFolder({ 'pipeline.yaml': pipeline, 'good.jsonl': jsonl(recorded) })
  const path = (name: string) => join(folder.path, 'out/best', name)
  const read = (name: string) =>
    readFileSync(path(name), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as ExportRow)
  let ended: Ended

  beforeAll(async () => {
    mkdirSync(join(folder.path, 'data'))
    for (const [split, values] of Object.entries(rows))
      writeFileSync(join(folder.path, `data/${split}.jsonl`), jsonl(values))
    ended = await kalam(folder.path, 'run')
  })
  afterAll(() => folder.remove())

  it('has a row for every conversation, kept or dropped', () => {
    expect(ended.code, ended.err).toBe(0)
    expect(read('data/chat.jsonl').map(({ id }) => id)).toEqual(['talk/chat/0', 'talk/chat/2'])
    expect(read('data/more.jsonl').map(({ id }) => id)).toEqual(['talk/more/0'])
    const dropped = read('dropped/chat.jsonl')
    expect(dropped.map(({ id, keep, reasons }) => ({ id, keep, reasons }))).toEqual([
      { id: 'talk/chat/1', keep: false, reasons: ['incomplete'] },
    ])
    expect(dropped[0]!.flags).toMatchObject([{ line: 'good', message_index: 1, code: 'hole', start: 0, length: 14 }])
  })

  it('begins with the columns of the release and holds what the row was made of', () => {
    const [row] = read('data/chat.jsonl')
    expect(Object.keys(row!).slice(0, 6)).toEqual([
      'messages',
      'chat_template_kwargs',
      'LR',
      'SCR',
      'rank_score',
      'source',
    ])
    expect(row).toMatchObject({
      messages: [turn('user', 'صباح الخير'), turn('assistant', 'مرحبا "بك"\u2028هناك')],
      source_messages: rows.chat[0]!.messages,
      source: 'good_ranked',
      winner: 'good',
      SCR: 1,
      pseudo: false,
    })
    expect(row!.rank_score).toBeCloseTo((row!.LR! + row!.SCR!) / 2, 12)
    expect(JSON.parse(row!.columns)).toEqual({ topic: '"greeting"', n: '3' })
    expect(row!.candidates.map(({ line, in_line, place }) => ({ line, in_line, place }))).toEqual([
      { line: 'good', in_line: true, place: 1 },
      { line: 'fake', in_line: false, place: null },
    ])
    expect(JSON.parse(row!.candidates[0]!.metrics)).toMatchObject({ lr_all: row!.LR, scr_all: row!.SCR, turns: 2 })
  })

  it('keeps tool schemas and instructions, also what the release has no column for', () => {
    const row = read('data/chat.jsonl')[1]!
    expect(row.chat_template_kwargs).toEqual({
      custom_instructions: null,
      enable_thinking: true,
      python_tools: [],
      xml_tools: ['{"name": "f"}'],
    })
    expect(JSON.parse(JSON.parse(row.columns).chat_template_kwargs)).toMatchObject({ own: 1 })
  })

  it('says in row and card what is no translation', () => {
    expect(read('data/more.jsonl')[0]).toMatchObject({ winner: 'fake', pseudo: true, source: 'fake' })
    const card = readFileSync(path('README.md'), 'utf8')
    expect(card).toContain('**1 rows hold output of the `pseudo` translator')
    expect(card).toMatch(/\| chat \| 2 \| 1 \|\n\| more \| 1 \| 0 \|\n\| all \| 3 \| 1 \|/)
    expect(card).toContain('config_name: more')
    expect(readFileSync(join(folder.path, 'out/good_ranked/README.md'), 'utf8')).not.toContain('`pseudo` translator')
  })

  it('is the same in Parquet', async () => {
    for (const split of ['chat', 'more']) {
      const file = await asyncBufferFromFile(path(`data/${split}.parquet`))
      expect(await parquetReadObjects({ file })).toEqual(read(`data/${split}.jsonl`))
    }
  })

  it('tells the least and greatest values of columns that are searched, not of texts', async () => {
    const file = await asyncBufferFromFile(path('data/chat.parquet'))
    const { row_groups } = await parquetMetadataAsync(file)
    const columns = new Map(
      row_groups[0]!.columns.map(({ meta_data }) => [meta_data!.path_in_schema.join('.'), meta_data!.statistics]),
    )
    expect(columns.get('id')).toMatchObject({ min_value: 'talk/chat/0', max_value: 'talk/chat/2' })
    expect(columns.get('LR')).toBeDefined()
    for (const name of ['messages', 'source_messages']) {
      expect(columns.has(`${name}.list.element.content`)).toBe(true)
      expect(columns.get(`${name}.list.element.content`)).toBeUndefined()
    }
  })

  it('comes out byte for byte the same again, also over what a killed export left', async () => {
    const before = filesBelow(join(folder.path, 'out/best'))
    mkdirSync(join(folder.path, 'out/.best.kalam-partial/data'), { recursive: true })
    writeFileSync(join(folder.path, 'out/.best.kalam-partial/data/other.jsonl'), 'half')
    const again = await kalam(folder.path, 'export', 'best')
    expect(again.out).toContain('best: 3 kept, 1 dropped')
    expect(filesBelow(join(folder.path, 'out/best'))).toEqual(before)
    expect(existsSync(join(folder.path, 'out/.best.kalam-partial'))).toBe(false)
  })

  it('takes the place of an export only, and leaves files of others where they are', async () => {
    mkdirSync(join(folder.path, 'out/best/.git/refs'), { recursive: true })
    const others = [
      'out/best/notes.txt',
      'out/best/data/notes.txt',
      'out/best.old/a.jsonl',
      'out/.best.kalam-replaced/b.txt',
    ]
    for (const file of others) {
      mkdirSync(dirname(join(folder.path, file)), { recursive: true })
      writeFileSync(join(folder.path, file), file)
    }
    writeFileSync(join(folder.path, 'out/best/data/gone.jsonl'), '{}')
    expect((await kalam(folder.path, 'export', 'best')).code).toBe(0)
    for (const file of [...others.slice(0, 3), 'out/best/b.txt', 'out/best/.git/refs'])
      expect(existsSync(join(folder.path, file))).toBe(true)
    for (const file of ['out/best/data/gone.jsonl', 'out/.best.kalam-replaced'])
      expect(existsSync(join(folder.path, file))).toBe(false)

    rmSync(join(folder.path, 'out/best/README.md'))
    for (const command of ['export', 'run']) {
      const { code, err } = await kalam(folder.path, command)
      expect([code, err]).toEqual([
        1,
        expect.stringMatching(/exporting best: .*best is there, and is no export of kalam/),
      ])
    }
    expect(existsSync(join(folder.path, 'out/best/notes.txt'))).toBe(true)
  })

  it('names the rankings there are when asked for another', async () => {
    const { code, err } = await kalam(folder.path, 'export', 'bset')
    expect(code).toBe(1)
    expect(err).toContain('There is good_ranked, best.')
  })
})
