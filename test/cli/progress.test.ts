import stringWidth from 'string-width'
import { describe, expect, it } from 'vitest'
import { type Measured, type Progress, progressMeter, slowestOf } from '../../cli/display/progress.ts'
import { progressLine, progressText } from '../../cli/display/progress-text.ts'
import { type LinePosition, lineShares } from '../../services/line-positions.ts'

const at = Date.parse('2026-03-14T14:07:32Z')

const position = (
  stage: LinePosition['stage'],
  line: string,
  inputs: [topic: string, committed: number, end: number][],
  output: string | null,
): LinePosition => ({
  stage,
  line,
  group: `p.${stage}.${line}.g1`,
  generation: 1,
  state: 'live',
  unit: stage === 'translate' ? 'chunks' : 'messages',
  inputs: inputs.map(([topic, committed, end]) => ({
    topic,
    committed,
    end,
    oldestMs: committed < end ? at - 38_000 : null,
  })),
  output,
})

/** Two translators behind one chunking; `seedx` and `gemma3` are chunks they have finished of 1,000. */
const positions = (seedx: number, gemma3: number): LinePosition[] => [
  position('chunk', 'tokens490', [['messages', 500, 500]], 'chunks'),
  position('translate', 'seedx', [['chunks', seedx, 1000]], 't.seedx'),
  position('translate', 'gemma3', [['chunks', gemma3, 1000]], 't.gemma3'),
  position(
    'score',
    'seedx',
    [
      ['messages', 0, 500],
      ['t.seedx', seedx, seedx],
    ],
    's.seedx',
  ),
  position('rank', 'release', [['s.seedx', 10, 20]], 'r.release'),
  position('land', 'messages', [['messages', 500, 500]], null),
]

const measured = (seconds: number, lines: LinePosition[], read = 1): Measured => ({
  atMs: at + seconds * 1000,
  rowsRead: 250,
  read,
  lines,
})

const slots = new Map([['seedx', 256]])

const progressAfter = (seconds: number, before: LinePosition[], after: LinePosition[]): Progress => {
  const meter = progressMeter(slots)
  meter.stages(measured(0, before))
  const stages = meter.stages(measured(seconds, after))
  return {
    pipeline: 'smolkalam',
    now: new Date(at),
    seconds: 100,
    share: Math.min(...stages.map(({ share }) => share)),
    leftSeconds: slowestOf(stages)?.leftSeconds ?? null,
    stages,
    ranked: 12,
    rowsRead: 250,
    badRows: 3,
    memory: 1234,
    waits: [],
  }
}

describe('the share that a line has done', () => {
  it('counts what has not been read yet and what has not come to it yet', () => {
    const lines = positions(500, 100)
    const shares = lineShares(lines, 0.5)
    expect(lines.map((line) => shares.get(line))).toEqual([0.5, 0.25, 0.05, 0, 0, 0.5])
  })

  it('is whole when everything is through, also for a line that nothing came to', () => {
    const idle = position('land', 'dead_letters', [['dead', 0, 0]], null)
    expect(lineShares([idle], 1).get(idle)).toBe(1)
    expect(lineShares([idle], 0.4).get(idle)).toBe(0.4)
  })
})

describe('the meter', () => {
  it('has no rate and no time left before it has measured twice', () => {
    for (const { perSecond, leftSeconds } of progressMeter(slots).stages(measured(0, positions(0, 0)))) {
      expect([perSecond, leftSeconds]).toEqual([null, null])
    }
  })

  it('gives rates and times left from what was done between two moments', () => {
    const { stages } = progressAfter(10, positions(0, 0), positions(500, 100))
    const of = (name: string) => stages.find((stage) => stage.name === name)
    expect(of('seedx')).toMatchObject({ perSecond: 50, leftSeconds: 10, waiting: 500, slots: 256, share: 0.5 })
    expect(of('gemma3')).toMatchObject({ perSecond: 10, leftSeconds: 90, slots: null })
    expect(of('seedx')?.ageSeconds).toBe(48)
    expect(of('chunk tokens490')).toMatchObject({ share: 1, leftSeconds: 0, waiting: 0, ageSeconds: null })
  })

  it('forgets what was more than half a minute ago', () => {
    const meter = progressMeter(slots)
    meter.stages(measured(0, positions(0, 0)))
    meter.stages(measured(10, positions(900, 0)))
    meter.stages(measured(40, positions(900, 0)))
    const rates = meter.stages(measured(50, positions(910, 0)))
    expect(rates.find(({ name }) => name === 'seedx')?.perSecond).toBe(0.25)
  })

  it('tells for how long a line with work has finished nothing', () => {
    const { stages } = progressAfter(15, positions(100, 1000), positions(100, 1000))
    expect(stages.find(({ name }) => name === 'seedx')?.stillSeconds).toBe(15)
    expect(stages.find(({ name }) => name === 'gemma3')?.stillSeconds).toBeNull()
  })

  it('says in its last line why a translator waits', () => {
    const progress = progressAfter(10, positions(0, 0), positions(500, 100))
    const waits = [
      { line: 'gemma3', reason: 'rate_limited', message: 'translating a/b/1: the server answered 429\u001b[2J' },
    ]
    const last = progressText({ ...progress, waits }, { width: 100, colour: false })
      .split('\n')
      .at(-1)
    expect(last).toContain('! gemma3 waits, rate_limited: translating a/b/1: the server answered 429')
    expect(last).not.toContain('\u001b')
    expect(progressText(progress, { width: 100, colour: false })).toContain('* is the slowest.')
  })

  it('takes the translator with most time left for the slowest, not what follows it', () => {
    const { stages } = progressAfter(10, positions(0, 0), positions(500, 100))
    expect(slowestOf(stages)?.name).toBe('gemma3')
  })

  it('puts lines together where they are too many for the screen', () => {
    const many = Array.from({ length: 9 }, (_, i) => position('translate', `t${i}`, [['chunks', i, 10]], `x.${i}`))
    const stages = progressMeter(slots).stages(measured(0, [...positions(0, 0), ...many]))
    expect(stages).toHaveLength(8)
    expect(stages.map(({ name }) => name)).toContain('9 more')
    expect(stages.find(({ name }) => name === '9 more')?.total).toBe(90)
  })
})

describe('the display', () => {
  const progress = progressAfter(10, positions(0, 0), positions(500, 100))

  it('shows a row per stage with done, rate, waiting, age, slots and time left', () => {
    const lines = progressText(progress, { width: 100, colour: false }).split('\n')
    expect(lines[0]).toMatch(/^smolkalam {2}0\.0 % {2}\[\.{46}\] {2}2 min left$/)
    expect(lines[1]!.trim().split(/ +/)).toEqual(['done', 'rate', 'waiting', 'age', 'slots', 'left'])
    expect(lines.find((line) => line.startsWith('seedx'))!.split(/ {2,}/)).toEqual([
      ...['seedx', '500/1,000', '50.0 chunks/s', '500', '48 s', '256', '10 s'],
    ])
    expect(lines.find((line) => line.startsWith('gemma3 *'))!.split(/ {2,}/)).toEqual([
      ...['gemma3 *', '100/1,000', '10.0 chunks/s', '900', '48 s', '–', '2 min'],
    ])
    expect(lines.find((line) => line.startsWith('score'))).toMatch(/follows$/)
    expect(lines.at(-2)).toBe('12 conversations ranked   1,234 answers in memory   ! 3 bad rows   running for 2 min')
  })

  it('is at most 12 lines and never wider than the terminal', () => {
    const many = Array.from({ length: 40 }, (_, i) => position('translate', `line${i}`, [['chunks', i, 100]], `x.${i}`))
    const crowded = progressAfter(20, [...positions(0, 0), ...many], [...positions(0, 0), ...many])
    for (const width of [20, 40, 60, 80, 100, 200]) {
      const lines = progressText(crowded, { width, colour: false }).split('\n')
      expect(lines.length).toBeLessThanOrEqual(12)
      for (const line of lines) expect(stringWidth(line), line).toBeLessThanOrEqual(width)
    }
  })

  it('keeps names and what is done where there is little room', () => {
    const lines = progressText(progress, { width: 50, colour: false }).split('\n')
    expect(lines.find((line) => line.startsWith('seedx'))).toContain('500/1,000')
  })

  it('has colour only when it may', () => {
    const esc = String.fromCharCode(0x1b)
    expect(progressText(progress, { width: 100, colour: false })).not.toContain(esc)
    expect(progressText(progress, { width: 100, colour: true })).toContain(esc)
  })

  it('says when a translator that is called waits long for an answer', () => {
    const still = progressAfter(25, positions(100, 100), positions(100, 200))
    expect(progressText(still, { width: 100, colour: false })).toContain('! seedx waits for an answer for 25 s')
    expect(progressLine(still)).toContain('! seedx waits for an answer for 25 s')
    expect(progressText(progress, { width: 100, colour: false })).not.toContain('waits for an answer')
  })
})

it('writes one plain line for logs', () => {
  const line = progressLine(progressAfter(10, positions(0, 0), positions(500, 100)))
  expect(line).toBe(
    '14:07:32 UTC 0.0 %, 250 rows read, seedx 500/1,000 chunks, gemma3 100/1,000 chunks, 12 conversations ranked, 3 bad rows, left 2 min',
  )
})
