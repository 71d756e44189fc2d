import type { Detector } from './detector.ts'
import { unit } from './letters.ts'
import { readingsOf } from './reading.ts'

/**
 * The target is the source, which has Latin letters but no sentence of English: a name, a label, one word, a list, another
 * language. It may be right as it is.
 */
export const unchanged: Detector = {
  reason: 'unchanged',
  version: 1,
  find: (pair) => {
    if (pair.target.trim() !== pair.source.trim()) return undefined
    return readingsOf(pair).source.counts[unit.latin]! > 0 ? { reason: 'unchanged' } : undefined
  },
}
