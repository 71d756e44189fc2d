import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { findings } from '../../../core/detectors/index.ts'
import { policyOf } from '../../../core/detectors/policies.ts'
import { kindOf } from '../../../core/detectors/text-kind.ts'

interface Recording {
  system: string
  source: string
  target: string
}

const examples = new URL('../../../examples/', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, examples), 'utf8')
const linesOf = <Row>(path: string): Row[] =>
  read(path)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row)

const reasonsOf = ({ source, target }: Recording): string[] =>
  findings({ source: source.trim(), target: target.trim(), finishReason: 'stop', kind: kindOf(source) }).map(
    ({ reason }) => reason,
  )

describe('in the sample', () => {
  it('candidate a has nothing but flags', () => {
    for (const one of linesOf<Recording>('sample/recorded/sample_a.jsonl')) {
      const kind = kindOf(one.source)
      expect(
        reasonsOf(one).filter((reason) => policyOf(reason, kind).first !== 'flag'),
        one.source,
      ).toEqual([])
    }
  })

  it('candidate b has the faults that are listed', () => {
    const expected: Record<string, string> = {
      ...{ broken_code_fence: 'unbalanced_fence', runaway_repetition: 'repetition', untranslated_turn: 'copy' },
      ...{ dropped_paragraph: 'lines_lost', english_left: 'part_copied', too_short: 'too_short' },
    }
    const recorded = linesOf<Recording>('sample/recorded/sample_b.jsonl')
    const rows = linesOf<{ split: string; messages: { content: string }[] }>('sample/conversations.jsonl')
    const faults = JSON.parse(read('sample/faults.json')) as { id: string; message_index: number; fault: string }[]
    for (const { id, message_index, fault } of faults) {
      const [, split, row] = id.split('/')
      const { messages } = rows.filter((one) => one.split === split)[Number(row)]!
      const own = recorded.filter(({ source }) => messages[message_index]!.content.includes(source.trim()))
      // A segment that was never recorded has no answer to look at.
      if (fault !== 'missing_recording') expect(own.flatMap(reasonsOf), id).toContain(expected[fault])
    }
    expect(faults.length).toBeGreaterThan(8)
  })
})

describe('of real systems', () => {
  const recordings = [
    ...linesOf<Recording>('real-systems/recorded/flores.jsonl'),
    ...linesOf<Recording>('real-systems/recorded/winomt.jsonl'),
  ]
  const failedOf = (system: string) => {
    const own = recordings.filter((one) => one.system === system)
    const failed = own.filter((one) =>
      reasonsOf(one).some((reason) => policyOf(reason, kindOf(one.source)).last === 'fail'),
    )
    return { all: own.length, failed: failed.length }
  }

  it('romanised Arabic is in the wrong script', () =>
    expect(failedOf('human_romanised')).toEqual({ all: 104, failed: 104 }))

  it.each([
    ['human_msa', 0],
    ['gpt35_msa', 0],
    ['gpt35_egyptian', 0],
    ['gpt35_moroccan', 0],
    // An empty answer.
    ['gpt35_levantine', 1],
    ['google', 0],
    ['bing', 0],
    ['aws', 0],
    // A word in French.
    ['systran', 1],
  ])('%s has %i that cannot be used', (system, failed) => expect(failedOf(system).failed).toBe(failed))
})
