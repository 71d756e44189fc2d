import type { Pair } from './detector.ts'
import { readingsOf } from './reading.ts'

/** Of ln(target / source) in letters and digits outside of code, links and mathematics, over human translations. */
const human = { mean: -0.14, deviation: 0.142, short: 5 }
/** Sources with fewer letters and digits say too little. */
const leastChars = 16

/**
 * How many deviations a target is longer (or, below 0, shorter) than human translations of such sources are; short sources
 * vary more. Undefined where the source is too short to tell.
 */
export function lengthScore(pair: Pair): number | undefined {
  const { source, target } = readingsOf(pair)
  if (source.chars < leastChars) return undefined
  const deviation = Math.sqrt(human.deviation ** 2 + human.short / source.chars / 2)
  return (Math.log(Math.max(target.chars, 0.5) / source.chars) - human.mean) / deviation
}
