import type { Detector } from './detector.ts'
import { unit } from './letters.ts'
import { readWords } from './reading.ts'

const tag = /<[^<>]{1,400}>/g

/**
 * The target is the source, which has Latin letters outside of tags but no sentence of English: a name, a label, one word, a list, another
 * language. It may be right as it is.
 */
export const unchanged: Detector = {
  reason: 'unchanged',
  version: 1,
  find: (pair) => {
    if (pair.target.trim() !== pair.source.trim()) return undefined
    const hasWords = readWords(pair.source.replace(tag, ' ')).counts[unit.latin]! > 0
    return hasWords ? { reason: 'unchanged' } : undefined
  },
}
