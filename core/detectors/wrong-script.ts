import type { Detector } from './detector.ts'
import { englishOf } from './english.ts'
import { unit } from './letters.ts'
import { readingsOf } from './reading.ts'

/** Bounds of shares: Arabic among letters and digits, and words that the source has not among all words. */
const bounds = { arabic: 0.45, newLatin: 0.2 }

/**
 * The target is in another script than Arabic: less than half Arabic, and the rest not taken from the source, or hardly any
 * Arabic for English sentences; or a fifth of its words are Latin ones that the source has not, as in romanised Arabic.
 */
export const wrongScript: Detector = {
  reason: 'wrong_script',
  version: 1,
  find: (pair) => {
    const { source, target } = readingsOf(pair)
    const { lower, stop } = englishOf(source)
    if (source.counts[unit.arabic]! * 2 > source.chars || lower < 3) return undefined
    const letters = target.chars - target.counts[unit.digit]! - target.counts[unit.arabicDigit]!
    if (letters === 0) return undefined
    const known = new Set(source.words.map(({ text }) => text))
    const isNew = target.words.filter(
      ({ script, text }) => script !== unit.arabic && script !== unit.digit && text.length > 1 && !known.has(text),
    )
    const value = isNew.length / target.words.length
    if (isNew.length >= 3 && value >= bounds.newLatin) return { reason: 'wrong_script', value }
    const arabic = target.counts[unit.arabic]! / letters
    return arabic < 0.1 && stop >= 2 ? { reason: 'wrong_script', value: arabic } : undefined
  },
}
