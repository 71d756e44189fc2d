import { unitReader } from '../unit-reader.ts'
import { markUnits, unitTable } from '../unit-table.ts'

/** Kinds of letters that few texts have, as bits. */
export const rare = { thirdScript: 1, persian: 2, shaped: 4 } as const

/** Letters that English and Arabic texts lack. Greek is not among them: it is mathematics. */
export const thirdScript =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Cyrillic}\p{Script=Hebrew}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Thai}\p{Script=Armenian}\p{Script=Georgian}]/gu

/** Letters and digits of Persian or Urdu where Arabic has its own. */
export const persian = /[پچژگکیېےۀہھٹڈڑں۰-۹]/g

/** Letters in the shapes that they have in a word, or drawn longer. Ligatures of religious phrases are none. */
export const shaped =
  /[\ufb50-\ufd3d\ufd50-\ufdef\ufe70-\ufefc]|(?<=[\u0621-\u063f\u0641-\u064a])ـ+(?=[\u0621-\u063f\u0641-\u064a])/g

const unitsOf = unitReader()
const kinds = kindsOfUnits()
let last = { text: '', kinds: 0 }

/**
 * The kinds of `rare` that a text may have: of those that are not among them it has none. Patterns take ten times as long to see that,
 * and several detectors ask for the same text.
 */
export function rareIn(text: string): number {
  if (last.text !== text) {
    const units = unitsOf(text)
    const { length } = text
    let found = 0
    for (let at = 0; at < length; at++) found |= kinds[units[at]!]!
    last = { text, kinds: found }
  }
  return last.kinds
}

function kindsOfUnits(): Uint8Array {
  const table = unitTable()
  for (const [chars, kind] of [
    [thirdScript, rare.thirdScript],
    [persian, rare.persian],
    [/[\ufb50-\ufd3d\ufd50-\ufdef\ufe70-\ufefcـ]/g, rare.shaped],
  ] as const) {
    const found = unitTable()
    markUnits(found, new RegExp(`${chars.source}+`, chars.flags), kind)
    for (let unit = 0; unit < table.length; unit++) table[unit]! |= found[unit]!
  }
  // Letters beyond the Basic Multilingual Plane are two units each.
  for (let unit = 0xd800; unit < 0xe000; unit++) table[unit]! |= rare.thirdScript
  return table
}
