import { describe, expect, it } from 'vitest'
import { type ControlState, generationEntry, type LineSettings } from '../../dataflow/control.ts'
import { editedLines, linesAfter, refuseEdited } from '../../services/line-settings.ts'

const lines: LineSettings[] = [
  { stage: 'chunk', line: 'lines', settings: { chunking: { count: 25 } }, reads: [] },
  {
    stage: 'translate',
    line: 'a',
    settings: { fingerprint: 'f', sample: 0, input: 'hash of chunks' },
    recipe: { translator: 'a', chunking: 'lines', model: 'm' },
    reads: ['chunk/lines'],
  },
  { stage: 'score', line: 'a', settings: { score: 1, input: 'x' }, reads: ['translate/a'] },
  { stage: 'rank', line: 'r', settings: { weights: {}, inputs: [['a', 'y']] }, reads: ['score/a'] },
]
const built = (more: [LineSettings, number, string][] = []): ControlState => {
  const all = [...lines.map((line): [LineSettings, number, string] => [line, 1, 'live']), ...more]
  const entries = all.map(([line, generation, state]) => generationEntry(line, { generation, state, created_at: 0 }))
  return {
    ...{ uuid: '', partitions: 1, pauses: new Map() },
    generations: new Map(entries.map(({ key, body }) => [key, body])),
  }
}
const withLine = (at: number, change: Partial<LineSettings>): LineSettings[] =>
  lines.map((line, i) => (i === at ? { ...line, ...change } : line))
const edited = withLine(0, { settings: { chunking: { count: 1 } } })

describe('lines of pipeline.yaml', () => {
  it('are edited when their own settings are those of no generation that runs, not those they read', () => {
    expect(editedLines(built(), lines)).toEqual([])
    expect(editedLines(built(), withLine(1, { settings: { ...lines[1]!.settings, input: 'other' } }))).toEqual([])
    expect(editedLines(built(), edited)).toEqual([
      { stage: 'chunk', line: 'lines', differences: ['chunking.count: 25 became 1'] },
    ])
  })

  it('go on when a building generation has their settings', () => {
    expect(editedLines(built([[edited[0]!, 2, 'building']]), edited)).toEqual([])
    expect(editedLines(built([[edited[0]!, 2, 'stopped']]), edited)).toHaveLength(1)
  })

  it('tell a translator by what was edited, not by its fingerprint', () => {
    const settings = { ...lines[1]!.settings, fingerprint: 'g' }
    const other = withLine(1, { settings, recipe: { ...lines[1]!.recipe, model: 'n' } })
    expect(editedLines(built(), other)[0]!.differences).toEqual(['model: "m" became "n"'])
    expect(editedLines(built(), withLine(1, { settings }))[0]!.differences).toEqual([
      'its answers, prompt or code are others than before',
    ])
  })

  it('are refused with every edit, what is built on it, and what builds it anew', () => {
    expect(() => refuseEdited(built(), edited)).toThrow(
      expect.objectContaining({
        code: 'settings_changed',
        message: expect.stringContaining('  built on that: translate a, score a, rank r'),
        hint: expect.stringMatching(/Put the settings back.*new names.*\n {2}kalam replay lines\n/),
      }),
    )
  })

  it('are found behind another over any number of steps', () => {
    expect(linesAfter(['translate/a'], lines).map(({ stage }) => stage)).toEqual(['score', 'rank'])
  })
})
