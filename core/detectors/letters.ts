import { charClass, unitClasses } from '../metrics/char-class.ts'
import { markUnits, unitTable } from '../unit-table.ts'

/** What a UTF-16 unit is to a reader of words; 0 ends a word. */
export const unit = { arabic: 1, latin: 2, other: 3, digit: 4, arabicDigit: 5, mark: 6, greek: 7 } as const

/** Behind the surrogates are only forms of compatibility. */
const firstSurrogate = 0xd800

/** The class of every UTF-16 unit as a piece of a word. Letters beyond the Basic Multilingual Plane end words. */
export const wordUnits: Uint8Array = makeWordUnits()

function makeWordUnits(): Uint8Array {
  const units = unitTable()
  for (let at = 0; at < units.length; at++) {
    const known = unitClasses[at]
    if (known === charClass.arabic) units[at] = unit.arabic
    else if (known === charClass.digit) units[at] = unit.digit
    else if (known === charClass.latin) units[at] = unit.other
  }
  markUnits(units, /\p{Script=Latin}+/gu, unit.latin, firstSurrogate)
  markUnits(units, /\p{Script=Greek}+/gu, unit.greek, firstSurrogate)
  markUnits(units, /\p{M}+/gu, unit.mark, firstSurrogate)
  for (const [first, last] of [
    [0x0660, 0x0669],
    [0x06f0, 0x06f9],
  ] as const)
    units.fill(unit.arabicDigit, first, last + 1)
  // Apostrophes, tatweel and joiners stand inside words.
  for (const char of "'’ـ\u200c\u200d") units[char.charCodeAt(0)] = unit.mark
  return units
}
