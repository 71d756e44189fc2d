import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type RankInput, type RankSettings, rank } from '../../../core/ranking/rank.ts'

const settings: RankSettings = {
  weights: { lr: 0.5, scr: 0.5 },
  keep: { complete: true, lr: '>= 0.4', scr: '>= 0.8', metrics: {} },
}
const candidate = (line: string, given: Partial<RankInput> = {}): RankInput => ({
  line,
  inLine: true,
  complete: true,
  pseudo: false,
  flags: {},
  metrics: { lr: 0.8, scr: 1 },
  reasons: [],
  ...given,
})
const scored = (line: string, lr: number | null, scr: number | null, given: Partial<RankInput> = {}) =>
  candidate(line, { metrics: { lr, scr }, ...given })
const placesOf = ({ candidates }: ReturnType<typeof rank>) => candidates.map(({ line, place }) => [line, place])

describe('the winner', () => {
  it('is the candidate with the higher weighted score, and the metric that decides is named', () => {
    const verdict = rank([scored('seedx', 0.8, 0.9), scored('gemma3', 0.82, 1)], settings)
    expect(verdict).toMatchObject({ winner: 'gemma3', keep: true, reasons: [] })
    expect(verdict.margin).toBeCloseTo(0.06, 12)
    expect(placesOf(verdict)).toEqual([
      ['seedx', 2],
      ['gemma3', 1],
    ])
    expect(verdict.why).toBe(
      'gemma3 wins with a score of 0.910 against 0.850 of seedx; scr decides, 1.000 against 0.900',
    )
  })

  it('is complete, even against a better score', () => {
    const half = scored('gemma3', 1, 1, { complete: false, reasons: ['refused', 'timeout'] })
    const verdict = rank([half, scored('seedx', 0.5, 0.8)], settings)
    expect(verdict).toMatchObject({ winner: 'seedx', keep: true })
    expect(verdict.why).toBe('seedx wins: gemma3 is incomplete (refused, timeout)')
    expect(verdict.candidates[0]?.reasons).toEqual(['incomplete'])
  })

  it('passes the gates, even against a better score', () => {
    const verdict = rank([scored('gemma3', 0.3998, 1), scored('seedx', 0.5, 0.8)], settings)
    expect(verdict.winner).toBe('seedx')
    expect(verdict.why).toBe('seedx wins: of gemma3, lr 0.3998 is not >= 0.4')
    expect(verdict.candidates[0]?.reasons).toEqual(['lr_below_0.4'])
  })

  it('is in line', () => {
    const verdict = rank([candidate('seedx', { inLine: false }), scored('gemma3', 0.5, 0.8)], settings)
    expect(verdict).toMatchObject({ winner: 'gemma3', keep: true, margin: null })
    expect(verdict.why).toBe('gemma3 is the only candidate in line, with a score of 0.650')
    expect(verdict.candidates[0]).toMatchObject({ place: null, score: null, in_line: false, reasons: ['not_in_line'] })
  })

  it('has fewer flags when scores tie', () => {
    const verdict = rank(
      [candidate('a', { flags: { repetition: 2, latin: 1 } }), candidate('b', { flags: { x: 2 } })],
      settings,
    )
    expect(verdict).toMatchObject({ winner: 'b', margin: 0 })
    expect(verdict.why).toBe('b and a tie, with a score of 0.900; b has fewer flags, 2 against 3')
  })

  it('is the one that stands first when everything ties', () => {
    const verdict = rank([candidate('b'), candidate('a'), candidate('c')], settings)
    expect(placesOf(verdict)).toEqual([
      ['b', 1],
      ['a', 2],
      ['c', 3],
    ])
    expect(verdict.why).toBe('b and a tie, with a score of 0.900; b stands first in candidates')
  })

  it('is judged by the metrics that apply to it alone', () => {
    const verdict = rank([scored('a', 0.9, null), scored('b', 0.8, 0.95)], settings)
    expect(verdict.candidates.map(({ score }) => score)).toEqual([0.9, 0.875])
    expect(verdict.winner).toBe('a')
  })

  it('does not depend on rounding errors in sums', () => {
    const weights = { x: 0.1, y: 0.2, z: 0.3 }
    const keep = { complete: true, metrics: {} }
    const tie = [
      candidate('a', { metrics: { x: 0.3, y: 0.3, z: 0.3 } }),
      candidate('b', { metrics: { x: 0.3 }, flags: { f: 1 } }),
    ]
    expect(rank(tie, { weights, keep }).winner).toBe('a')
  })

  it('prefers less of what has a weight below zero', () => {
    const keep = { complete: true, metrics: {} }
    const short = candidate('short', { metrics: { lr: 0.9, tokens: 100 } })
    const long = candidate('long', { metrics: { lr: 0.9, tokens: 500 } })
    expect(rank([long, short], { weights: { lr: 1, tokens: -2 }, keep }).winner).toBe('short')
    const evenly = [candidate('bad', { metrics: { lr: 0.5, x: 1 } }), candidate('good', { metrics: { lr: 0.9, x: 1 } })]
    expect(rank(evenly, { weights: { lr: 1, x: -1 }, keep }).winner).toBe('good')
  })
})

describe('the verdict', () => {
  it('drops a winner that fails gates and says which', () => {
    const verdict = rank([scored('identity', 0.2, 0, { complete: false })], settings)
    expect(verdict).toMatchObject({
      winner: 'identity',
      keep: false,
      reasons: ['incomplete', 'lr_below_0.4', 'scr_below_0.8'],
    })
    expect(verdict.why).toBe(
      'identity is the only candidate in line, with a score of 0.100; dropped: it is incomplete, lr 0.200 is not >= 0.4, scr 0.000 is not >= 0.8',
    )
  })

  it('judges the script purity as a share of what the digits of the source allow', () => {
    const verdict = (scr: number, most: number | null) =>
      rank([candidate('a', { metrics: { lr: 1, scr, scr_reachable: most } })], settings)
    expect(verdict(0.5, 0.6).reasons).toEqual([])
    expect(verdict(0.4, 0.6).reasons).toEqual(['scr_below_0.8'])
    expect(verdict(0.4, 0.6).why).toContain('scr 0.667 of the reachable 0.600 is not >= 0.8')
    expect(verdict(0.5, 1).why).toContain('scr 0.500 is not >= 0.8')
    expect(verdict(0.5, null).keep).toBe(false)
    expect(verdict(0, 0).keep).toBe(true)
  })

  it('keeps a conversation in which nothing could be translated', () => {
    const verdict = rank([scored('seedx', null, null), scored('gemma3', null, null)], settings)
    expect(verdict).toMatchObject({ winner: 'seedx', keep: true, margin: null, reasons: [] })
    expect(verdict.why).toContain('tie, without a metric that applies')
  })

  it('has no winner when no candidate is in line', () => {
    for (const none of [[], [candidate('a', { inLine: false })]]) {
      expect(rank(none, settings)).toMatchObject({ winner: null, keep: false, margin: null, reasons: ['no_candidate'] })
    }
  })

  it('keeps an incomplete winner only when complete is not asked for', () => {
    const half = [candidate('a', { complete: false })]
    expect(rank(half, settings).keep).toBe(false)
    expect(rank(half, { ...settings, keep: { complete: false, metrics: {} } })).toMatchObject({
      keep: true,
      reasons: [],
    })
  })

  it('gates on any metric by name', () => {
    const keep = { complete: true, metrics: { reward: '> 0', repetition: '<= 0.1' } }
    const verdict = rank([candidate('a', { metrics: { reward: 0, repetition: 0.5, lr: 0.01 } })], {
      weights: { reward: 1 },
      keep,
    })
    expect(verdict.reasons).toEqual(['reward_not_above_0', 'repetition_above_0.1'])
  })

  it('passes on what it was given about every candidate', () => {
    const given = candidate('p', { pseudo: true, flags: { latin: 3 }, metrics: { lr: 0.5, scr: null, turns: 4 } })
    expect(rank([given], settings).candidates).toEqual([
      {
        line: 'p',
        place: 1,
        score: 0.5,
        complete: true,
        in_line: true,
        pseudo: true,
        flags: { latin: 3 },
        metrics: { lr: 0.5, scr: null, turns: 4 },
        reasons: [],
      },
    ])
  })
})

const ratio = fc.option(
  fc.integer({ min: 0, max: 8 }).map((n) => n / 8),
  { nil: null },
)
const anyCandidates = fc
  .array(fc.record({ inLine: fc.boolean(), complete: fc.boolean(), lr: ratio, scr: ratio, flags: fc.nat(2) }), {
    maxLength: 5,
  })
  .map((list) =>
    list.map(({ lr, scr, flags, ...rest }, at) => scored(`line${at}`, lr, scr, { ...rest, flags: { f: flags } })),
  )

it('gives places 1 to n to the candidates in line, and keeps exactly a winner that fails nothing', () => {
  fc.assert(
    fc.property(anyCandidates, (candidates) => {
      const verdict = rank(candidates, settings)
      const places = verdict.candidates.flatMap(({ place }) => place ?? []).sort()
      expect(places).toEqual(candidates.filter(({ inLine }) => inLine).map((_, at) => at + 1))
      const winner = verdict.candidates.find(({ place }) => place === 1)
      expect(verdict.winner).toBe(winner?.line ?? null)
      expect(verdict.keep).toBe(winner !== undefined && winner.reasons.length === 0)
    }),
  )
})

it('does not depend on the order of candidates that do not tie', () => {
  fc.assert(
    fc.property(anyCandidates, (candidates) => {
      const verdict = rank(candidates, settings)
      const turned = rank(candidates.toReversed(), settings)
      if (!verdict.why.includes('stands first')) expect(turned.winner).toBe(verdict.winner)
    }),
  )
})
