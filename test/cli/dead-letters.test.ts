import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runProgram } from '../../cli/program.ts'
import { type OpenedPipeline, openPipeline } from '../../cli/workspace.ts'
import { partitionOf } from '../../dataflow/place.ts'
import type { DeadLetter } from '../../schemas/records.ts'
import { foreignRecords } from '../../services/foreign-records.ts'
import { workFolder } from '../system/kalam.ts'

const esc = String.fromCharCode(0x1b)
const at = Date.parse('2026-03-14T14:00:00Z')
const letter = (given: Partial<DeadLetter>): DeadLetter => ({
  ...{ stage: 'ingest', source: 'talk', split: 'data', row: '0', file: 'data.jsonl', line: 1 },
  ...{ byte_start: 0, byte_end: 5, reason: 'null_messages', detail: 'messages is null', verdict: 'bad' },
  body: Buffer.from('{"a":'),
  ...given,
})

describe('kalam dead-letters', () => {
  let folder: ReturnType<typeof workFolder>
  let pipeline: OpenedPipeline

  /** Runs a command line on the pipeline; a warehouse may not be opened. */
  const ask = async (...argv: string[]) => {
    const ended = { code: 0, out: '', err: '' }
    const out = (text: string) => {
      ended.out += text
    }
    const err = (text: string) => {
      ended.err += text
    }
    const io = { out, err, env: {}, cwd: '.', columns: 100, isTty: false }
    const noWarehouse = () => Promise.reject(new Error('a warehouse was opened'))
    ended.code = await runProgram(['dead-letters', ...argv], io, noWarehouse, (_, work) => work(pipeline, io))
    return ended
  }
  const write = async (letters: DeadLetter[]) => {
    const { log, codec, topics, config } = pipeline
    const writer = await log.writer('test')
    await writer.commit(
      letters.map((body, i) => {
        const key = `${body.source}/${body.split}/${body.row}`
        const partition = partitionOf(key, config.partitions)
        const value = codec.encode('DeadLetter', body)
        return { topic: topics.deadLetters, partition, key, value, headers: {}, timestamp: at + i * 1000 }
      }),
    )
  }

  beforeAll(async () => {
    folder = workFolder({
      'data.jsonl': '',
      'pipeline.yaml': `
pipeline: letters
sources: [{ name: talk, path: data.jsonl }]
chunkings: { all: { by: tokens } }
translators: { a: { backend: pseudo, chunking: all } }
rankings: { release: { candidates: [a] } }
`,
    })
    pipeline = await openPipeline(join(folder.path, 'pipeline.yaml'), { env: {}, create: true })
    expect((await ask('list')).out).toBe('no dead letters\n')
    await write([
      ...Array.from({ length: 60 }, (_, i) => letter({ row: String(i), line: i + 1 })),
      letter({
        ...{ row: 'odd', line: 61, reason: 'no_json', detail: `it begins with ${esc}[2J` },
        ...{ byte_start: 1000, byte_end: 200_000, body: Buffer.from(`${esc}[2Jعربي\nsecond line\u0007`) },
      }),
    ])
    const { codec, topics, control } = pipeline
    const foreign = foreignRecords({ codec, deadLetters: topics.deadLetters, uuid: control.uuid })
    const record = { offset: 7, key: 'odd key', value: Buffer.from('what?'), headers: {}, timestamp: at + 90_000 }
    await (await pipeline.log.writer('foreign')).commit([foreign(topics.messages, record, 3)!])
  })
  afterAll(async () => {
    await pipeline.close()
    folder.remove()
  })

  it('lists the newest ones with place, reason and detail, and counts all', async () => {
    const { code, out } = await ask('list', '--limit', '3')
    expect(code).toBe(0)
    const lines = out.trimEnd().split('\n')
    expect(lines.slice(0, 4).map((line) => line.split(/ {2,}/))).toEqual([
      ['id', 'place', 'reason', 'detail'],
      ['letters.messages/3/7', '–', 'foreign', expect.any(String)],
      ['talk/data/odd', 'data.jsonl:61', 'no_json', 'it begins with ⟨U+001B⟩[2J'],
      ['talk/data/59', 'data.jsonl:60', 'null_messages', 'messages is null'],
    ])
    expect(lines.slice(4)).toEqual([
      '',
      '62 dead letters: null_messages 60, no_json 1, foreign 1',
      '59 older ones are not shown: --limit 62, or --json',
      'one of them, with its text: kalam dead-letters show <id>',
    ])
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(100)
  })

  it('lists those of one reason, and names the reasons there are when there is no such one', async () => {
    const { out } = await ask('list', '--reason', 'no_json')
    expect(out).toContain('\n1 dead letter: no_json 1\n')
    expect(out).not.toContain('null_messages')
    const { code, err } = await ask('list', '--reason', 'nul_messages')
    expect(code).toBe(1)
    expect(err).toContain('Did you mean null_messages?')
  })

  it('gives machines a line of JSON each, without the texts', async () => {
    const rows = (await ask('list', '--json')).out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(rows.length).toBe(50)
    expect(rows[1]).toEqual({
      ...{ id: 'talk/data/odd', at: '2026-03-14T14:01:00.000Z', stage: 'ingest', source: 'talk', split: 'data' },
      ...{ row: 'odd', file: 'data.jsonl', line: 61, byte_start: 1000, byte_end: 200_000, reason: 'no_json' },
      ...{
        detail: `it begins with ${esc}[2J`,
        verdict: 'bad',
        partition: expect.any(Number),
        offset: expect.any(Number),
      },
    })
  })

  it('shows everything of a row, safe for a terminal', async () => {
    const { out } = await ask('show', 'talk/data/odd')
    expect(out.split('\n').slice(0, 5)).toEqual([
      'talk/data/odd',
      '  what     bad at ingest, no_json',
      '  why      it begins with ⟨U+001B⟩[2J',
      '  place    data.jsonl:61',
      '  bytes    1,000 to 200,000',
    ])
    expect(out).toMatch(/^ {2}written {2}2026-03-14T14:01:00.000Z, letters\.dead_letters\/\d\/\d+$/m)
    expect(out).toMatch(/^--- body: the first \d+ of 199,000 bytes -+$/m)
    expect(out).toContain('\n⟨U+001B⟩[2Jعربي\nsecond line⟨U+0007⟩\n')
    expect(out).not.toContain(esc)
  })

  it('shows a record by topic, partition and offset, also by the place of the dead letter itself', async () => {
    const { out } = await ask('show', 'letters.messages/3/7')
    expect(out).toContain('foreign')
    expect(out).toContain('body: 5 bytes')
    expect(out).toContain('\nwhat?\n')
    const place = /letters\.dead_letters\/\d+\/\d+/.exec(out)?.[0]
    expect((await ask('show', place!)).out).toBe(out)
  })

  it('says where to look when there is none, and refuses a limit that is no number', async () => {
    const { code, err } = await ask('show', 'talk/data/99')
    expect(code).toBe(1)
    expect(err).toContain('kalam dead-letters list')
    expect((await ask('list', '--limit', 'many')).code).toBe(2)
  })
})
