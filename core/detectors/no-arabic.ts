import type { Detector } from './detector.ts'
import { unit } from './letters.ts'
import { readingsOf, type Word } from './reading.ts'

/** The answer to words has no Arabic letter, and words of its own: `null`, or another language. Names may be written otherwise. */
export const noArabic: Detector = {
  reason: 'no_arabic',
  version: 1,
  find: (pair) => {
    const { source, target } = readingsOf(pair)
    if (target.counts[unit.arabic]! > 0 || !source.words.some((word) => isWritten(word, pair.source))) return undefined
    const known = new Set(source.words.map(({ text }) => text))
    const own = target.words.find(({ script, text }) => script === unit.latin && text.length > 1 && !known.has(text))
    return own && { reason: 'no_arabic', start: own.start, end: own.end }
  },
}

/** Whether a word is no number and no abbreviation in capitals. */
function isWritten({ script, text, start, end }: Word, source: string): boolean {
  return script === unit.latin && text.length > 1 && source.slice(start + 1, end) === text.slice(1)
}
