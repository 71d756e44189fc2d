import type { Detector } from './detector.ts'
import { rare, rareIn, thirdScript } from './rare-units.ts'

/** Letters of a third script that the source has not, as Chinese in an Arabic sentence. */
export const foreignScript: Detector = {
  reason: 'foreign_script',
  version: 1,
  find: ({ source, target }) => {
    if (!(rareIn(target) & rare.thirdScript)) return undefined
    let known: Set<string> | undefined
    for (const { 0: letter, index } of target.matchAll(thirdScript)) {
      known ??= new Set(source.match(thirdScript))
      if (!known.has(letter)) return { reason: 'foreign_script', start: index, end: index + letter.length }
    }
    return undefined
  },
}
