import { unit } from './letters.ts'
import type { Reading } from './reading.ts'

/** Words that every English sentence has some of and other languages in Latin letters have few of. */
const stopWords = new Set(
  (
    'the of and to in is are was were be been you your i my me we our it its that this these those for with on at by from as ' +
    'not do does did have has had can could will would should what which who how why when where there their they them he she ' +
    'his her if or but so than then into about all any some more please'
  ).split(' '),
)

/** How English a text is: its lower-case words of Latin letters, and the English function words among all its words. */
export function englishOf({ words }: Reading): { lower: number; stop: number; share: number } {
  let lower = 0
  let stop = 0
  for (const { text, script, isLower } of words) {
    if (script !== unit.latin) continue
    if (isLower && text.length > 1) lower++
    if (stopWords.has(text)) stop++
  }
  return { lower, stop, share: words.length === 0 ? 0 : stop / words.length }
}

/**
 * Whether a text is English sentences, which a translation must not leave as they are. Names, labels, single words, lists of
 * words, identifiers, numbers and texts in other languages are none: they may stay, because nobody can tell from the text.
 */
export function isEnglishProse(reading: Reading): boolean {
  const { lower, stop, share } = englishOf(reading)
  return lower >= 3 && stop >= 2 && share >= 0.1
}
