import { charClass, unitClasses } from '../metrics/char-class.ts'

/** What a UTF-16 unit is to a reader of words; 0 ends a word. */
export const unit = { arabic: 1, latin: 2, other: 3, digit: 4, arabicDigit: 5, mark: 6, greek: 7 } as const

/** The class of every UTF-16 unit as a piece of a word. Letters beyond the Basic Multilingual Plane end words. */
export const wordUnits: Uint8Array = makeWordUnits()

function makeWordUnits(): Uint8Array {
  const units = new Uint8Array(0x10000)
  for (let at = 0; at < 0x10000; at++) {
    const known = unitClasses[at]
    if (known === charClass.arabic) units[at] = unit.arabic
    else if (known === charClass.digit) units[at] = unit.digit
    else if (known === charClass.latin) units[at] = unit.other
  }
  const plane = Array.from({ length: 0xd800 }, (_, at) => String.fromCharCode(at)).join('')
  mark(units, plane, /\p{Script=Latin}+/gu, unit.latin)
  mark(units, plane, /\p{Script=Greek}+/gu, unit.greek)
  mark(units, plane, /\p{M}+/gu, unit.mark)
  for (const [first, last] of [
    [0x0660, 0x0669],
    [0x06f0, 0x06f9],
  ] as const)
    units.fill(unit.arabicDigit, first, last + 1)
  // Apostrophes, tatweel and joiners stand inside words.
  for (const char of "'’ـ\u200c\u200d") units[char.charCodeAt(0)] = unit.mark
  return units
}

function mark(units: Uint8Array, plane: string, letters: RegExp, as: number): void {
  for (const { 0: run, index } of plane.matchAll(letters)) units.fill(as, index, index + run.length)
}
