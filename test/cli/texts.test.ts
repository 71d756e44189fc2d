import stringWidth from 'string-width'
import { describe, expect, it } from 'vitest'
import { cell, cut } from '../../cli/display/cells.ts'
import { errorText } from '../../cli/display/error-text.ts'
import { notRead } from '../../cli/display/not-read.ts'
import { paragraph } from '../../cli/display/paragraph.ts'
import { type LineStatus, statusText } from '../../cli/display/status-text.ts'
import { summaryText } from '../../cli/display/summary-text.ts'
import { refusedText } from '../../cli/display/why-text.ts'
import { KalamError } from '../../dataflow/error.ts'
import type { SourceCheckpoint } from '../../schemas/records.ts'
import { sourceSchema } from '../../services/config.ts'
import { exampleLine, exampleRanking, exampleReport } from '../services/report/example-report.ts'

const checkpoint = (given: Partial<SourceCheckpoint> = {}): SourceCheckpoint => ({
  source: 'smol',
  split: 's1k',
  file: 'train/s1k.jsonl',
  file_rows: 6,
  byte: 600,
  line: 8,
  split_rows: { s1k: 6 },
  selected: 5,
  dropped: 0,
  bad: 1,
  done: true,
  mark: '',
  ...given,
})

describe('cells', () => {
  it('are as wide as they should be, whatever the letters', () => {
    for (const text of ['', 'abc', 'a much longer text', 'قسم عربي طويل', '漢字漢字漢字漢字', '👨‍👩‍👧‍👦👨‍👩‍👧‍👦']) {
      expect(stringWidth(cell(text, 10)), text).toBe(10)
      expect(stringWidth(cell(text, 10, true)), text).toBe(10)
      expect(stringWidth(cut(text, 5)), text).toBeLessThanOrEqual(5)
    }
  })
})

it('breaks paragraphs at spaces and leaves long words whole', () => {
  expect(paragraph('one two three four', 9, 2)).toBe('one two\n  three\n  four')
  expect(paragraph('a/very/long/path', 5, 2)).toBe('a/very/long/path')
})

describe('the summary at the end of a run', () => {
  const facts = (text: string): Record<string, string> =>
    Object.fromEntries(
      text
        .split('\n')
        .flatMap((line) => (/^ {2}[a-z]/.test(line) ? [[line.slice(2, 13).trim(), line.slice(13)] as const] : [])),
    )

  it('tells kept, chunks, quality of each translator, winners and money', () => {
    const text = summaryText(exampleReport(), { seconds: 4560, columns: 100 })
    expect(text.split('\n')[0]).toBe('smolkalam  done in 1 h 16 min')
    expect(facts(text)).toEqual({
      rows: '10 read: 10 came in, 0 bad',
      kept: '10 of 10 conversations (100.0 %), 1,000 tokens, in release',
      quality: 'LR 0.810, SCR 0.940; seedx 0.800, 0.930; gemma3 0.800, 0.930',
      winners: 'seedx 60.0 %, gemma3 40.0 %',
      chunks: '70: translated 60, kept as is 10, failed 0, holes 0',
      spent: '$3.00 for 60 answers, 0.0 % from memory',
    })
    expect(text).not.toContain('!')
  })

  it('tells what was dropped, and findings with what to run', () => {
    const text = summaryText(
      exampleReport({
        rankings: [
          exampleRanking({ kept: 7, dropped: [{ reason: 'lr_below_0.4', count: 3 }] }),
          exampleRanking({ ranking: 'seedx_ranked', candidates: ['seedx'], pseudo: true }),
        ],
        badRowReasons: [{ reason: 'null_messages', count: 2 }],
      }),
      { seconds: 3, columns: 100 },
    )
    expect(facts(text)).toMatchObject({
      dropped: '3: lr_below_0.4 3',
      'also kept': 'seedx_ranked (pseudo, no translation) 10 of 10',
    })
    expect(text).toContain('  ! 2 rows did not come in. null_messages 2.\n      kalam sql "SELECT file')
  })

  it('says of a run with lines that stand still that it stopped', () => {
    const first = (...stopped: string[]) =>
      summaryText(exampleReport(), { seconds: 4, columns: 100, stopped }).split('\n')[0]
    expect(first()).toBe('smolkalam  done in 4 s')
    expect(first('seedx')).toBe('smolkalam  stopped after 4 s: seedx stands still')
    expect(first('seedx', 'gemma3')).toBe('smolkalam  stopped after 4 s: seedx and gemma3 stand still')
  })

  it('leaves out money where nobody was called', () => {
    const sums = { ...exampleLine().sums, calls: 0, costUsd: null }
    expect(
      facts(summaryText(exampleReport({ lines: [exampleLine({ sums })] }), { seconds: 3, columns: 100 })),
    ).not.toHaveProperty('spent')
  })
})

describe('status', () => {
  const unmeasured = { members: null, perSecond: null, leftSeconds: null }
  const status = {
    pipeline: 'smolkalam',
    at: '2026-03-14T14:07:32.000Z',
    log: 'embedded' as const,
    partitions: 4,
    running: false,
    lastRun: { startedAt: '2026-03-14 14:00:00.000', endedAt: null, outcome: 'running' },
    lines: [
      {
        stage: 'translate',
        line: 'seedx',
        unit: 'chunks',
        generation: 1,
        state: 'live',
        committed: 6,
        end: 1206,
        waiting: 1200,
        ageSeconds: 38,
        ...unmeasured,
      },
      {
        stage: 'land',
        line: 'messages',
        unit: 'messages',
        generation: 1,
        state: 'live',
        committed: 40,
        end: 40,
        waiting: 0,
        ageSeconds: null,
        ...unmeasured,
      },
      {
        stage: 'land',
        line: 'ranked',
        unit: 'messages',
        generation: 1,
        state: 'live',
        committed: 2,
        end: 2,
        waiting: 0,
        ageSeconds: null,
        ...unmeasured,
      },
    ],
    notRun: [],
    pauses: [],
    files: [checkpoint()],
    deadLetters: 1,
    failedChunks: 0,
    failedQuery: "SELECT id, line, reason FROM v_chunks WHERE status = 'failed'",
    memory: 12,
    freeGiB: 212,
  }

  it('shows a row per line with its lag in records and time, tables in one row', () => {
    const lines = statusText(status, 100).split('\n')
    expect(lines.find((line) => line.startsWith('translate'))!.split(/ {2,}/)).toEqual([
      'translate',
      'seedx',
      '1',
      '6',
      '1,206',
      '1,200',
      '38 s',
    ])
    expect(lines.find((line) => line.startsWith('land'))!.split(/ {2,}/)).toEqual([
      'land',
      'all tables',
      '42',
      '42',
      '0',
      '–',
    ])
    expect(lines).toContain('last run from 2026-03-14 14:00:00 UTC: killed, it began 8 min ago')
    expect(lines).toContain('Something waits: kalam run goes on from here.')
  })

  it('shows members, rate and time left where they are known, and who sets the pace', () => {
    const [seedx, ...tables]: LineStatus[] = status.lines
    const line = (given: Partial<LineStatus>): LineStatus => ({
      ...{ ...seedx!, members: 2, perSecond: 31.84, leftSeconds: 70_020 },
      ...given,
    })
    const on = {
      ...{ ...status, running: true, log: 'kafka' as const },
      lines: [line({}), line({ stage: 'score', leftSeconds: 12 }), line({ stage: 'rank', leftSeconds: 0 }), ...tables],
    }
    const shown = (columns: number) =>
      statusText(on, columns)
        .split('\n')
        .filter((text) => /^(stage|translate|score|rank|land) /.test(text))
    expect(shown(110).map((text) => text.split(/ {2,}/))).toEqual([
      ['stage', 'line', 'gen', 'members', 'committed', 'end', 'waiting', 'age', 'rate', 'left'],
      ['translate', 'seedx', '1', '2/4', '6', '1,206', '1,200', '38 s', '31.8/s', '19 h 27 min'],
      ['score', 'seedx', '1', '2/4', '6', '1,206', '1,200', '38 s', '31.8/s', 'follows'],
      ['rank', 'seedx', '1', '2/4', '6', '1,206', '1,200', '38 s', '31.8/s', 'done'],
      ['land', 'all tables', '42', '42', '0', '–', '0.0/s', '–'],
    ])
    expect(statusText(on, 110)).toContain('log kafka, 4 partitions\n3 of 5 lines have members\n')
    expect(statusText({ ...on, running: false }, 110)).toContain('Something waits: kalam work <stage> goes on')
    // What is worth least goes first.
    expect(shown(80)[0]!.split(/ {2,}/)).toEqual(['stage', 'line', 'committed', 'waiting', 'rate', 'left'])
    for (const text of shown(80)) expect(text.length).toBeLessThanOrEqual(80)
  })

  it('tells a run that is on from one that was killed', () => {
    const text = statusText({ ...status, running: true }, 100)
    expect(text).toContain('\nrunning for 8 min\n')
    expect(text).not.toContain('Something waits')
  })

  it('has what is to be run whole, however narrow the terminal is', () => {
    const failedQuery = `${status.failedQuery} AND line IN ('a_translator_with_a_long_name', 'another_one')`
    const text = statusText({ ...status, failedChunks: 3, failedQuery }, 60)
    expect(text).toContain('\n3 failed chunks, ')
    expect(text).toContain(`\n! failed: kalam sql "${failedQuery}"\n`)
    expect(statusText(status, 60)).not.toContain('! failed')
  })

  it('sums many files up and names those that need a look', () => {
    const files = Array.from({ length: 30 }, (_, i) =>
      checkpoint({ file: `f${i}.jsonl`, bad: i === 7 ? 2 : 0, done: i !== 9 }),
    )
    const text = statusText({ ...status, files }, 100)
    expect(text).toContain('sources    30 files, 180 rows read: 150 came in, 2 bad')
    expect(text).toContain('! smol f7.jsonl: 6 rows read: 5 came in, 2 bad')
    expect(text).toContain('smol f9.jsonl: 6 rows read: 5 came in, 0 bad, not at its end yet')
    expect(text).not.toContain('f8.jsonl')
  })
})

describe('a row that no table has', () => {
  const sources = [sourceSchema.parse({ name: 'smol', path: 'data' })]
  const told = (what: string, ...files: SourceCheckpoint[]) => {
    const rowsOfSplit = new Map(files.flatMap(({ split_rows }) => Object.entries(split_rows)))
    return notRead(what, sources, { files: new Map(files.map((file) => [file.file, file])), rowsOfSplit })
  }

  it('has not come in where its file was not read so far', () => {
    const open = checkpoint({ done: false })
    expect(told('s1k.jsonl:9', open)).toMatchObject({ read: false, fact: 'train/s1k.jsonl was read up to line 7' })
    expect(told('smol/s1k/6', open)).toMatchObject({ read: false, fact: '6 rows of split s1k have been read' })
    expect(told('smol/other/0')).toMatchObject({ read: false, fact: 'no row of split other has been read' })
  })

  it('is none where everything was read', () => {
    expect(told('s1k.jsonl:3', checkpoint())).toMatchObject({
      read: true,
      fact: 'line 3 of train/s1k.jsonl was read and is no row',
    })
    expect(told('s1k.jsonl:8', checkpoint())).toMatchObject({ read: true, fact: 'train/s1k.jsonl ends at line 7' })
    expect(told('smol/s1k/6', checkpoint())).toMatchObject({
      read: true,
      fact: '6 rows of split s1k have been read, none of them is 6',
    })
  })

  it('is looked for by the names that were probably meant', () => {
    expect(told('smoll/s1k/0', checkpoint()).hint).toContain('Did you mean smol?')
    expect(told('smol/s1kk/0', checkpoint()).hint).toContain('Did you mean smol/s1k/0?')
    expect(told('trains/s1k.jsonl:1', checkpoint()).read).toBe(true)
    expect(told('nonsense', checkpoint()).hint).toContain('An id is source/split/row, a place is file:line.')
  })
})

it('says of a row that the selection left out that it was left out', () => {
  const row = {
    id: 'smol/s1k/3',
    file: 's1k.jsonl',
    line: 4,
    stage: 'selection',
    reason: 'split_left_out',
    detail: 'the selection takes 2 of 10',
    verdict: 'dropped',
    byteStart: 10,
    byteEnd: 20,
  }
  expect(refusedText(row, 100)).toMatch(
    /^s1k\.jsonl:4 was left out: dropped at selection, split_left_out: the selection takes 2 of 10\n/,
  )
})

describe('an error for a person', () => {
  it('names the code, what was being done, the fact, and what to do', () => {
    const error = new KalamError('missing_setting', 'reading pipeline.yaml: KEY is not set', {
      hint: 'Set KEY.\nOr another.',
    })
    expect(errorText(error, false)).toBe(
      'error missing_setting: reading pipeline.yaml: KEY is not set\n\n  Set KEY.\n  Or another.',
    )
  })

  it('shows control characters of what it quotes', () => {
    const esc = String.fromCharCode(0x1b)
    expect(errorText(new Error(`row "${esc}[2J"`), false)).toContain('row "⟨U+001B⟩[2J"')
  })

  it('shows a stack only when asked', () => {
    expect(errorText(new Error('odd'), false)).not.toContain('at ')
    const closed = Object.assign(new Error("EACCES: permission denied, mkdir '/data/.kalam'"), { code: 'EACCES' })
    expect(errorText(closed, false)).toMatch(
      /^error no_permission: EACCES: .*\n\n {2}This user may not write there: .*state: and out:/,
    )
    expect(errorText(new Error('odd'), true)).toContain('texts.test.ts')
  })
})
