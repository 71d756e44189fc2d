import { describe, expect, it } from 'vitest'
import { detectors, findings } from '../../../core/detectors/index.ts'
import { policyOf } from '../../../core/detectors/policies.ts'
import type { TextKind } from '../../../core/detectors/text-kind.ts'
import { type CleanPair, cleanPairs } from './clean-pairs.ts'
import { corruptions, seeded } from './corruptions.ts'

const promptText =
  'Write the translation only. Keep code, tags, URLs, placeholders, formulas and names of functions as they are.'
const pairs = cleanPairs()
const reasonsOf = (pair: CleanPair, target = pair.target): Set<string> =>
  new Set(findings({ ...pair, target, finishReason: 'stop', promptText }).map(({ reason }) => reason))

describe('on good human Arabic', () => {
  const kinds: TextKind[] = ['prose', 'markdown', 'code_like']
  const found = pairs.map((pair) => ({ kind: pair.kind, reasons: reasonsOf(pair) }))

  it('has enough pairs of every kind', () => {
    const counts = kinds.map((kind) => found.filter((one) => one.kind === kind).length)
    expect(counts[0]).toBeGreaterThan(1000)
    expect(Math.min(...counts)).toBeGreaterThan(50)
  })

  it.each(kinds.flatMap((kind) => detectors.map(({ reason }) => ({ kind, reason }))))(
    'raises false alarms below 2 %: $reason in $kind, unless it is only a flag',
    ({ kind, reason }) => {
      const own = found.filter((one) => one.kind === kind)
      const rate = own.filter(({ reasons }) => reasons.has(reason)).length / own.length
      if (policyOf(reason, kind).first !== 'flag') expect(rate).toBeLessThan(0.02)
    },
  )

  it('refuses less than 1 % for good', () => {
    const failed = found.filter(({ kind, reasons }) => [...reasons].some((one) => policyOf(one, kind).last === 'fail'))
    expect(failed.length / found.length).toBeLessThan(0.01)
  })
})

/** The least share of spoiled answers that must be found; docs/answers.md has what is. */
const least: Record<string, number> = {
  ...{ empty: 0.99, copy: 0.94, part_copied: 0.83, wrong_script: 0.93, foreign_script: 0.99, repetition: 0.95 },
  ...{ too_short: 0.95, truncated: 0.86, wordy: 0.75, doubled_sentence: 0.62, preamble: 0.94, refusal: 0.97 },
  ...{ prompt_leak: 0.99, unbalanced_fence: 0.99, unbalanced_tags: 0.4, unbalanced_braces: 0.97, mojibake: 0.99 },
  ...{ persian_letters: 0.99, presentation_forms: 0.95, mixed_digits: 0.99, numbers: 0.97, lines_lost: 0.99 },
  ...{ wrapper: 0.99, quoted: 0.99 },
}

/** How many answers of one way are looked at. */
const most = 500

describe('of spoiled answers', () => {
  const ways = Object.entries(corruptions).flatMap(([reason, spoils]) =>
    Object.entries(spoils).map(([way, spoil]) => ({ reason, way, spoil })),
  )

  it.each(ways)('finds $reason: $way', { timeout: 60_000 }, ({ reason, spoil }) => {
    const random = seeded(7)
    const spoiled = pairs.flatMap((pair) => {
      const target = spoil(pair, random)
      return target === undefined || target === pair.target ? [] : [{ pair, target }]
    })
    const every = Math.ceil(spoiled.length / most)
    const looked = spoiled.filter((_, i) => i % every === 0)
    const hit = looked.filter(({ pair, target }) => reasonsOf(pair, target).has(reason))
    expect(looked).not.toHaveLength(0)
    expect(hit.length / looked.length).toBeGreaterThanOrEqual(least[reason]!)
  })
})
