import { markUnits, unitTable } from '../unit-table.ts'
import { arabicBlocks, arabicLetters, type CodePointRange } from './arabic-letters.ts'

/** What a code point counts as: nothing, Arabic letter or digit, any other letter, ASCII digit, or White_Space. */
export const charClass = { none: 0, arabic: 1, latin: 2, digit: 3, space: 4 } as const

const letter = /^\p{L}$/u
const space = /^\p{White_Space}$/u

/** The class of every UTF-16 unit; halves of surrogate pairs are none. */
export const unitClasses: Uint8Array = classTable()

/** The class of a code point; quick only for those that are one UTF-16 unit. */
export function codePointClass(codePoint: number): number {
  return codePoint < 0x10000 ? unitClasses[codePoint]! : classOf(codePoint)
}

/** The same as `classOf` of every unit. */
function classTable(): Uint8Array {
  const classes = unitTable()
  markUnits(classes, /\p{White_Space}+/gu, charClass.space)
  markUnits(classes, /\p{L}+/gu, charClass.latin)
  classes.fill(charClass.digit, 0x30, 0x3a)
  for (const [first, last] of arabicBlocks) classes.fill(charClass.none, first, last + 1)
  for (const [first, last] of arabicLetters) classes.fill(charClass.arabic, first, last + 1)
  return classes
}

function classOf(codePoint: number): number {
  if (within(arabicLetters, codePoint)) return charClass.arabic
  if (within(arabicBlocks, codePoint)) return charClass.none
  if (codePoint >= 0x30 && codePoint <= 0x39) return charClass.digit
  const char = String.fromCodePoint(codePoint)
  if (letter.test(char)) return charClass.latin
  return space.test(char) ? charClass.space : charClass.none
}

function within(ranges: readonly CodePointRange[], codePoint: number): boolean {
  return ranges.some(([first, last]) => first <= codePoint && codePoint <= last)
}
