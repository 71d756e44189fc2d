import type { Detector } from './detector.ts'
import { englishOf, isEnglishProse } from './english.ts'
import { unit } from './letters.ts'
import { readingsOf } from './reading.ts'

/** The share of new words from which on, and the share of Arabic letters below which, a target is in another script. */
const bounds = { newWords: 0.2, arabic: 0.1 }
const leastNew = 3

/**
 * The target is in another script than Arabic: a fifth of its words are in other letters and not taken from the source, as in
 * romanised Arabic or another language; or English sentences have hardly an Arabic letter in their translation.
 */
export const wrongScript: Detector = {
  reason: 'wrong_script',
  version: 1,
  find: (pair) => {
    const { source, target } = readingsOf(pair)
    if (source.counts[unit.arabic]! * 2 > source.chars || englishOf(source).lower < 3) return undefined
    const letters = target.chars - target.counts[unit.digit]! - target.counts[unit.arabicDigit]!
    if (letters === 0) return undefined
    const inOthers = target.words.filter(({ script, text }) => foreign.has(script) && text.length > 1)
    if (inOthers.length >= leastNew) {
      const known = new Set(source.words.map(({ text }) => text))
      const isNew = inOthers.filter(({ text }) => !known.has(text))
      const value = isNew.length / target.words.length
      if (isNew.length >= leastNew && value >= bounds.newWords) return { reason: 'wrong_script', value }
    }
    const arabic = target.counts[unit.arabic]! / letters
    return arabic < bounds.arabic && isEnglishProse(source) ? { reason: 'wrong_script', value: arabic } : undefined
  },
}

const foreign: ReadonlySet<number> = new Set([unit.latin, unit.greek, unit.other])
