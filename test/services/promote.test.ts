import { describe, expect, it } from 'vitest'
import { type ControlState, generationEntry } from '../../dataflow/control.ts'
import type { Control } from '../../schemas/records.ts'
import { pipelineSchema } from '../../services/config.ts'
import { isPromotable, promotionOf } from '../../services/promote.ts'

const config = pipelineSchema.parse({
  pipeline: 'p',
  sources: [{ name: 's', path: 'a.jsonl' }],
  chunkings: { lines: { by: 'lines' } },
  translators: { a: { backend: 'pseudo', chunking: 'lines' }, b: { backend: 'pseudo', chunking: 'lines' } },
  rankings: { r: { candidates: ['a', 'b'] } },
})

/** A control state of generations as `stage/line n state`, with what each reads above generation 1. */
const stateOf = (...generations: [name: string, inputs?: Record<string, number>, more?: Partial<Control>][]) => {
  const control: ControlState = { uuid: '', partitions: 1, generations: new Map(), pauses: new Map() }
  for (const [name, inputs = {}, more = {}] of generations) {
    const [path = '', n = '1', state = ''] = name.split(' ')
    const [stage = '', line = ''] = path.split('/')
    const settings =
      stage === 'rank'
        ? {
            inputs: [
              ['a', ''],
              ['b', ''],
            ],
          }
        : {}
    const recipe = stage === 'translate' ? { chunking: 'lines' } : {}
    const { key, body } = generationEntry(
      { stage, line, settings, recipe },
      { generation: Number(n), state, inputs, created_at: 0, ...more },
    )
    control.generations.set(key, body)
  }
  return control
}
const live = ['chunk/lines', 'translate/a', 'translate/b', 'score/a', 'score/b', 'rank/r'].map((name): [string] => [
  `${name} 1 live`,
])
const textOf = (records: readonly Control[] = []) =>
  records.map(({ stage, line, generation }) => `${stage}/${line} ${generation}`)
const ofA = { stage: 'translate', line: 'a' }
const replayOfA: [string, Record<string, number>][] = [
  ['translate/a 2 building', {}],
  ['score/a 2 building', { 'translate/a': 2 }],
  ['rank/r 2 building', { 'score/a': 2 }],
]

describe('a promotion', () => {
  it('makes the line and those after it live, in the place of the live ones', () => {
    const promotion = promotionOf(stateOf(...live, ...replayOfA), config, ofA)
    expect(textOf(promotion?.rising)).toEqual(['translate/a 2', 'score/a 2', 'rank/r 2'])
    expect(textOf(promotion?.falling)).toEqual(['translate/a 1', 'score/a 1', 'rank/r 1'])
    expect(promotion?.ending).toEqual([])
  })

  it('is nothing when nothing is being built', () => {
    expect(promotionOf(stateOf(...live), config, ofA)).toBeUndefined()
  })

  it('ends building ones that are older, and those that read what falls', () => {
    const second: [string, Record<string, number>][] = [
      ['translate/a 3 building', {}],
      ['score/a 3 building', { 'translate/a': 3 }],
      ['rank/r 3 building', { 'score/a': 3 }],
    ]
    const control = stateOf(...live, ...replayOfA, ...second, ['rank/r 4 building', {}])
    const promotion = promotionOf(control, config, ofA)
    expect(textOf(promotion?.rising)).toEqual(['translate/a 3', 'score/a 3', 'rank/r 3'])
    expect(textOf(promotion?.ending).sort()).toEqual(['rank/r 2', 'rank/r 4', 'score/a 2', 'translate/a 2'])
  })

  it('refuses what would leave a live line without its input', () => {
    const control = stateOf(...live, ['translate/a 2 building', {}])
    expect(() => promotionOf(control, config, ofA)).toThrow(
      expect.objectContaining({
        code: 'usage',
        message: 'promoting translate a: score a is live and reads what it replaces',
      }),
    )
  })

  it('refuses what reads a generation that is not live, and names what to promote', () => {
    expect(() => promotionOf(stateOf(...live, ...replayOfA), config, { stage: 'rank', line: 'r' })).toThrow(
      expect.objectContaining({
        message: 'promoting rank r: score a generation 2, which it reads, is not live',
        hint: expect.stringContaining('kalam promote a'),
      }),
    )
  })

  it('refuses to put an older generation in the place of a newer one', () => {
    const newer = live.map(([name]): [string] => [name === 'rank/r 1 live' ? 'rank/r 3 live' : name])
    expect(() => promotionOf(stateOf(...newer, ...replayOfA), config, ofA)).toThrow(
      /rank r is live with a newer generation/,
    )
  })

  it('takes neither a part of the conversations nor an ablation', () => {
    const part = stateOf(...live, ['translate/a 2 building', {}, { only_splits: ['train'] }])
    expect(() => promotionOf(part, config, ofA)).toThrow(/takes a part of the conversations only/)
    const [record] = stateOf(['translate/a 2 building', {}, { purpose: 'ablation' }]).generations.values()
    expect(isPromotable(record!)).toBe(false)
  })
})
