import type { Detector } from './detector.ts'
import { unit } from './letters.ts'
import { persian, rare, rareIn, shaped } from './rare-units.ts'
import { readingsOf } from './reading.ts'

/** Letters and digits of Persian or Urdu where Arabic has its own. */
export const persianLetters: Detector = charDetector('persian_letters', {
  chars: persian,
  kind: rare.persian,
  least: 1,
})

/** Letters in the shapes that they have in a word, or drawn longer: three of them or more. */
export const presentationForms: Detector = charDetector('presentation_forms', {
  chars: shaped,
  kind: rare.shaped,
  least: 3,
})

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
function charDetector(
  reason: string,
  { chars, kind, least }: { chars: RegExp; kind: number; least: number },
): Detector {
  return {
    reason,
    version: 1,
    find: ({ source, target }) => {
      if (!(rareIn(target) & kind)) return undefined
      const start = target.search(chars)
      if (start === -1 || source.search(chars) !== -1) return undefined
      const value = target.match(chars)!.length
      return value < least ? undefined : { reason, start, value }
    },
  }
}
