import type { Pair } from './detector.ts'
import { unit } from './letters.ts'
import { rare, rareIn } from './rare-units.ts'
import { type Reading, readingsOf } from './reading.ts'

/**
 * Of ln(target / source) in letters and digits outside of code, links and mathematics, over human translations: the mean, and
 * the variance, which is a fixed part and one over the source's length. Measured on the clean pairs of the tests.
 */
const human = { mean: -0.14, variance: 0.11 ** 2, perLength: 1.8 }
/** Sources with fewer letters and digits say too little. */
const leastChars = 16
/** So many letters of an alphabet say what one of these does. */
const worth = [
  { letters: /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/gu, more: 2 },
  { letters: /\p{Script=Hangul}/gu, more: 0.8 },
] as const

/**
 * How many deviations a target is longer (or, below 0, shorter) than human translations of such sources are; short sources
 * vary more. Undefined where the source has fewer than `least` letters and digits: then it is too short to tell.
 */
export function lengthScore(pair: Pair, least = leastChars): number | undefined {
  const { source, target } = readingsOf(pair)
  const chars = extentOf(pair.source, source)
  if (chars < least) return undefined
  const deviation = Math.sqrt(human.variance + human.perLength / chars)
  return (Math.log(Math.max(extentOf(pair.target, target), 0.5) / chars) - human.mean) / deviation
}

/** Letters and digits, those of which each is a word or a syllable as so many. */
function extentOf(text: string, { chars, counts }: Reading): number {
  if (counts[unit.other] === 0 || !(rareIn(text) & rare.thirdScript)) return chars
  return worth.reduce((sum, { letters, more }) => sum + (text.match(letters)?.length ?? 0) * more, chars)
}
