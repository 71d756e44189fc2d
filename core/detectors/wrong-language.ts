import type { Detector } from './detector.ts'
import { unit } from './letters.ts'
import { persian, rare, rareIn } from './rare-units.ts'
import { readingsOf } from './reading.ts'

/** Persian text has a fifth of its letters and Urdu two fifths, human Arabic none. */
const bounds = { share: 0.05, least: 5, exclusive: 2, arabic: 0.01 }
/** What stands for no Arabic letter, as the shapes of yeh and kaf do that a keyboard writes. */
const exclusive = /[پچژگےہھٹڈڑں]/g
const digits = /[۰-۹]/g
/** As frequent in Arabic as it is rare in the other two. */
const tehMarbuta = /ة/g

/** The answer is Persian or Urdu: many of its letters are, and none of the source. */
export const wrongLanguage: Detector = {
  reason: 'wrong_language',
  version: 1,
  find: (pair) => {
    const { source, target } = pair
    if (!(rareIn(target) & rare.persian)) return undefined
    const count = (chars: RegExp) => target.match(chars)?.length ?? 0
    const letters = count(persian) - count(digits)
    if (letters < bounds.least || count(exclusive) < bounds.exclusive || source.search(persian) !== -1) return undefined
    const all = Math.max(1, readingsOf(pair).target.counts[unit.arabic]!)
    const value = letters / all
    return value >= bounds.share && count(tehMarbuta) / all < bounds.arabic
      ? { reason: 'wrong_language', value }
      : undefined
  },
}
