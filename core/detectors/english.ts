import { unit } from './letters.ts'
import type { Reading } from './reading.ts'

const listed = (words: string): ReadonlySet<string> => new Set(words.split(' '))

/** Words that English sentences have and texts in other languages hardly ever. */
const onlyEnglish = listed(
  'the and you your it its that this these those for with from are were been not did does have had having can could would should ' +
    'here more most such because while between after before many much other each only very out up just ' +
    'what who how why when where which there their they them him his her then into about any please be by our if than',
)
/** Words that English sentences have, and other languages too. */
const alsoEnglish = listed('of to in is was i my me we on at as do has will he she or but so all an some')

/**
 * How English a text is: its lower-case words of Latin letters, and English function words, of both kinds and as a share of all
 * words. Pieces of compounds are none: they are mostly of names and addresses.
 */
export function englishOf({ words }: Reading): { lower: number; stop: number; only: number; share: number } {
  const found = { lower: 0, stop: 0, only: 0 }
  for (const { text, script, isLower, isPiece } of words) {
    if (script !== unit.latin || isPiece) continue
    if (isLower && text.length > 1) found.lower++
    if (onlyEnglish.has(text)) found.only++
    else if (alsoEnglish.has(text)) found.stop++
  }
  const stop = found.stop + found.only
  return { ...found, stop, share: words.length === 0 ? 0 : stop / words.length }
}

/**
 * Whether a text is English sentences, which a translation must not leave as they are. Names, labels, single words, lists of
 * words, identifiers, numbers and texts in other languages are none: they may stay, because nobody can tell from the text.
 */
export function isEnglishProse(reading: Reading): boolean {
  const { lower, stop, only, share } = englishOf(reading)
  return lower >= 3 && stop >= 2 && share >= 0.1 && (only >= 1 || (stop >= 4 && share >= 0.2))
}
