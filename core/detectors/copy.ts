import type { Detector, Pair } from './detector.ts'
import { isEnglishProse } from './english.ts'
import { tripleNumbers, wordNumbers } from './grams.ts'
import { unit } from './letters.ts'
import { readingsOf } from './reading.ts'

/** The share of the source's runs of three words in the target from which on it is a copy. */
const most = 0.5
/** The share of Arabic letters below which a target is a copy as a whole. */
const mostArabic = 0.2

/**
 * English sentences that come back as English: half of the source's runs of three words stand in a target with hardly any
 * Arabic. What may stay as it is (see `isEnglishProse`) is never a copy.
 */
export const copy: Detector = {
  reason: 'copy',
  version: 1,
  find: (pair) => {
    const { source, target } = readingsOf(pair)
    if (target.counts[unit.arabic]! > mostArabic * target.chars || !isEnglishProse(source)) return undefined
    const value = shareCopied(pair)
    return value >= most ? { reason: 'copy', value } : undefined
  },
}

/** The share of the source's runs of three words that the target has. */
function shareCopied(pair: Pair): number {
  const { source, target } = readingsOf(pair)
  const numbers = new Map<string, number>()
  const runs = { pairs: new Map(), triples: new Map() }
  const wanted = tripleNumbers(wordNumbers(source.words, numbers), runs)
  const has = new Set(tripleNumbers(wordNumbers(target.words, numbers), runs))
  return wanted.length === 0 ? 0 : wanted.filter((gram) => has.has(gram)).length / wanted.length
}
