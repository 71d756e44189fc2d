import type { Detector } from './detector.ts'
import { readingsOf } from './reading.ts'

/** A word twice in a row, more often than in the source. Good Arabic has that too: step by step is a step, a step. */
export const doubledWord: Detector = {
  reason: 'doubled_word',
  version: 1,
  find: (pair) => {
    const { source, target } = readingsOf(pair)
    const doubled = doubledWords(target.words)
    if (doubled.length <= doubledWords(source.words).length) return undefined
    const at = doubled.at(-1)!
    return {
      reason: 'doubled_word',
      start: target.words[at - 1]!.start,
      end: target.words[at]!.end,
      value: doubled.length,
    }
  },
}

function doubledWords(words: readonly { text: string }[]): number[] {
  const found: number[] = []
  for (let at = 1; at < words.length; at++)
    if (words[at]!.text === words[at - 1]!.text && /\p{L}{2}/u.test(words[at]!.text)) found.push(at)
  return found
}
