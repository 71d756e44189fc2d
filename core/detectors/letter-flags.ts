import type { Detector } from './detector.ts'
import { unit } from './letters.ts'
import { readingsOf } from './reading.ts'

/** Letters and digits of Persian or Urdu where Arabic has its own. */
export const persianLetters: Detector = charDetector('persian_letters', /[پچژگکیېےۀہھٹڈڑں۰-۹]/g, 1)

/** Letters in the shapes that they have in a word, or drawn longer: three of them or more. Ligatures of religious phrases are none. */
export const presentationForms: Detector = charDetector(
  'presentation_forms',
  /[\ufb50-\ufd3d\ufd50-\ufdef\ufe70-\ufefc]|(?<=[\u0621-\u063f\u0641-\u064a])ـ+(?=[\u0621-\u063f\u0641-\u064a])/g,
  3,
)

/** ASCII and Arabic-Indic digits in one text, outside of code, links and mathematics. */
export const mixedDigits: Detector = {
  reason: 'mixed_digits',
  version: 1,
  find: (pair) => {
    const { counts } = readingsOf(pair).target
    const both = Math.min(counts[unit.digit]!, counts[unit.arabicDigit]!)
    return both === 0 ? undefined : { reason: 'mixed_digits', value: both }
  },
}

/** Finds `least` characters of a kind in a target whose source has none. */
function charDetector(reason: string, chars: RegExp, least: number): Detector {
  return {
    reason,
    version: 1,
    find: ({ source, target }) => {
      const start = target.search(chars)
      if (start === -1 || source.search(chars) !== -1) return undefined
      const value = target.match(chars)!.length
      return value < least ? undefined : { reason, start, value }
    },
  }
}
