import type { Detector } from './detector.ts'
import { rare, rareIn, thirdScript } from './rare-units.ts'
import { readingsOf } from './reading.ts'

/** Tags and commands of LaTeX: no words. */
const noWords = /<[^<>]{1,400}>|\\[A-Za-z]+/g
/** Abbreviations, single letters and names with digits or underscores are the same in every language. */
const words = /[\w\u00c0-\u024f]{3,}/g
/** So many letters of a third script are no example. */
const leastForeign = 4

/**
 * The target is the source, which has Latin words but no sentence of English: a name, a label, one word, a list, another
 * language, also one of a third script. It may be right as it is.
 */
export const unchanged: Detector = {
  reason: 'unchanged',
  version: 2,
  find: (pair) => {
    const { source, target } = pair
    if (target.trim() !== source.trim()) return undefined
    if (rareIn(source) & rare.thirdScript && (source.match(thirdScript)?.length ?? 0) >= leastForeign)
      return { reason: 'unchanged' }
    let plain = ''
    let at = 0
    for (const { start, end } of readingsOf(pair).source.spans) {
      plain += `${source.slice(at, start)} `
      at = end
    }
    const found = (plain + source.slice(at)).replace(noWords, ' ').match(words) ?? []
    return found.some((word) => /[a-z]/.test(word) && !/[\d_]/.test(word)) ? { reason: 'unchanged' } : undefined
  },
}
