import type { Detector } from './detector.ts'

/** Letters that English and Arabic texts lack. Greek is not among them: it is mathematics. */
const foreign =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Cyrillic}\p{Script=Hebrew}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Thai}\p{Script=Armenian}\p{Script=Georgian}]/gu

/** Letters of a third script that the source has not, as Chinese in an Arabic sentence. */
export const foreignScript: Detector = {
  reason: 'foreign_script',
  version: 1,
  find: ({ source, target }) => {
    let known: Set<string> | undefined
    for (const { 0: letter, index } of target.matchAll(foreign)) {
      known ??= new Set(source.match(foreign))
      if (!known.has(letter)) return { reason: 'foreign_script', start: index, end: index + letter.length }
    }
    return undefined
  },
}
