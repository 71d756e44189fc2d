import { expect, it } from 'vitest'
import { findings } from '../../../services/report/findings.ts'
import type { LineSplit } from '../../../services/report/report-data.ts'
import { exampleLine, exampleRanking, exampleReport, exampleSplit } from './example-report.ts'

const split = (name: string, lr: number | null, scr: number | null, candidates = 10): LineSplit => ({
  split: name,
  candidates,
  lr: { mean: lr, counted: lr === null ? 0 : candidates },
  scr: { mean: scr, counted: scr === null ? 0 : candidates },
})

const titlesOf = (data: Parameters<typeof exampleReport>[0]): string[] =>
  findings(exampleReport(data)).map(({ title }) => title)

it('finds nothing where nothing is wrong', () => {
  expect(findings(exampleReport())).toEqual([])
})

it('finds a split that came out as it went in, with the lines that did it', () => {
  const lines = [
    exampleLine({ splits: [split('xlam', 0.996, 0.013), split('s1k', 0.8, 0.9)] }),
    exampleLine({ line: 'gemma3', splits: [split('xlam', 0.988, 0.049)] }),
  ]
  const [first, ...others] = findings(exampleReport({ lines }))
  expect(first).toMatchObject({
    title: 'xlam was not translated by seedx and gemma3.',
    command: `kalam sql "SELECT id, line FROM v_candidates WHERE split = 'xlam' LIMIT 20"`,
    section: 'quality',
  })
  expect(first!.text).toContain('LR 0.996, SCR 0.013 with seedx; LR 0.988, SCR 0.049 with gemma3')
  expect(others).toEqual([])
})

it('does not take a split without prose for one that was not translated', () => {
  expect(titlesOf({ lines: [exampleLine({ splits: [split('tools', null, null)] })] })).toEqual([])
})

it('does not judge the pseudo translator, but says that it is one', () => {
  const pseudo = exampleLine({ pseudo: true, splits: [split('xlam', 0.2, 0.013)] })
  expect(titlesOf({ lines: [pseudo] })).toEqual(['seedx is the pseudo translator: no translation.'])
})

it('finds splits of another length, and counts those it leaves out', () => {
  const splits = Array.from({ length: 7 }, (_, at) => split(`s${at}`, 0.4, 0.95, 10 + at))
  const found = findings(exampleReport({ lines: [exampleLine({ splits })] }))
  expect(found).toHaveLength(5)
  expect(found[0]!.title).toBe('s6 comes out of seedx in another length.')
  expect(found.at(-1)!.text).toContain('And 2 splits more like it.')
})

it('names the one split in which two translators lie furthest apart', () => {
  const lines = [
    exampleLine({ splits: [split('near', 0.8, 0.9), split('far', 0.62, 0.9), split('alone', 0.9, 0.9)] }),
    exampleLine({ line: 'gemma3', splits: [split('near', 0.69, 0.9), split('far', 0.88, 0.9)] }),
  ]
  expect(titlesOf({ lines })).toEqual(['far differs most between the translators.'])
})

it('finds failed chunks, bad rows and holes, each with what to run', () => {
  const chunks = { translated: 10, kept: 1, failed: 3, skipped: 0, holes: 1 }
  const failures = [
    { reason: 'length', count: 2 },
    { reason: 'empty', count: 1 },
  ]
  const found = findings(
    exampleReport({
      lines: [exampleLine({ chunks, failures })],
      badRowReasons: [{ reason: 'null_messages', count: 4 }],
    }),
  )
  expect(found.map(({ title, section }) => [title, section])).toEqual([
    ['1 chunk of seedx has no end in the tables.', 'chunks'],
    ['3 chunks failed.', 'failures'],
    ['4 rows did not come in.', 'sources'],
  ])
  expect(found[1]!.text).toBe('seedx: length 2, empty 1.')
  for (const { command } of found) expect(command).toMatch(/^kalam /)
})

it('lists failed chunks with a query of these lines alone', () => {
  const chunks = { translated: 10, kept: 1, failed: 1, skipped: 0, holes: 0 }
  const failures = [{ reason: 'empty', count: 1 }]
  const [found] = findings(exampleReport({ lines: [exampleLine({ chunks, failures })], failedQuery: 'SELECT these' }))
  expect(found).toMatchObject({ title: '1 chunk failed.', command: 'kalam sql "SELECT these"' })
})

it('finds a split that is mostly dropped unless it is told already', () => {
  const splits = [
    exampleSplit({ split: 'mostly', kept: 4 }),
    exampleSplit({ split: 'half', kept: 5 }),
    exampleSplit({ split: 'copied', kept: 0 }),
  ]
  const lines = [exampleLine({ splits: [split('copied', 0.99, 0.02)] })]
  expect(titlesOf({ rankings: [exampleRanking({ splits })], lines })).toEqual([
    'copied was not translated by seedx.',
    'mostly is mostly dropped from release.',
  ])
})

it('says first that figures are not final', () => {
  const data = exampleReport({ underWay: true, conversations: 25, rankings: [exampleRanking({ ranked: 7 })] })
  expect(findings(data)[0]).toMatchObject({
    title: 'These figures are not final.',
    text: '7 of the 25 conversations read so far have gone through every line.',
    command: 'kalam status',
  })
})
