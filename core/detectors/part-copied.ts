import type { Detector } from './detector.ts'
import { unit } from './letters.ts'
import { keptQuotes } from './quotes.ts'
import { readingsOf, type Word } from './reading.ts'

/** Words in a row that are English left in the target, and how many of them must be lower-case: names are not. */
const least = { words: 5, lower: 3 }
/** The longest stretch between two words of one run, in characters. */
const gap = 3

/** A run of Latin words stands in the target outside of code, links, mathematics and quotations of the source. */
export const partCopied: Detector = {
  reason: 'part_copied',
  version: 1,
  find: (pair) => {
    const { words } = readingsOf(pair).target
    const kept = keptQuotes(pair.source, pair.target)
    let quote = 0
    let from = -1
    for (let at = 0; at <= words.length; at++) {
      const word = words[at]
      while (word && quote < kept.length && kept[quote]!.end <= word.start) quote++
      const isLatin = word?.script === unit.latin && !(quote < kept.length && kept[quote]!.start <= word.start)
      const goesOn =
        isLatin &&
        from >= 0 &&
        word.start - words[at - 1]!.end <= gap &&
        !crossesLine(pair.target, words[at - 1]!, word)
      if (goesOn) continue
      if (from >= 0 && isRun(words, from, at))
        return { reason: 'part_copied', start: words[from]!.start, end: words[at - 1]!.end, value: at - from }
      from = isLatin ? at : -1
    }
    return undefined
  },
}

function isRun(words: readonly Word[], from: number, to: number): boolean {
  if (to - from < least.words) return false
  let lower = 0
  for (let at = from; at < to; at++) if (words[at]!.isLower && words[at]!.text.length > 1) lower++
  return lower >= least.lower
}

function crossesLine(text: string, before: Word, word: Word): boolean {
  return text.slice(before.end, word.start).includes('\n')
}
