import type { Detector } from './detector.ts'

const sentence = /[^.!?؟\n]+/g
/** Shorter ones repeat in good texts. */
const leastChars = 25

/** A sentence stands twice in the target and no sentence does in the source. */
export const doubledSentence: Detector = {
  reason: 'doubled_sentence',
  version: 1,
  find: ({ source, target }) => {
    const found = firstDoubled(target)
    return found === undefined || firstDoubled(source) !== undefined
      ? undefined
      : { reason: 'doubled_sentence', ...found }
  },
}

function firstDoubled(text: string): { start: number; end: number } | undefined {
  const seen = new Set<string>()
  for (const { 0: whole, index } of text.matchAll(sentence)) {
    const plain = whole.trim()
    if (plain.length < leastChars || !/\p{L}/u.test(plain)) continue
    if (seen.has(plain)) return { start: index, end: index + whole.length }
    seen.add(plain)
  }
  return undefined
}
