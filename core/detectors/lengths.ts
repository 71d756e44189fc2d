import type { Detector, Pair } from './detector.ts'
import { lengthScore } from './length-score.ts'
import { readingsOf } from './reading.ts'

/** Far shorter than any human translation: most of the text is missing. */
export const tooShort: Detector = lengthDetector('too_short', (score) => score < -5)

/** Sources of so few letters vary so much that a score above 4 says what one above 5 does. */
const short = { least: 2, chars: 16 }

/** Far longer than any human translation: something was added, or the text was answered. */
export const tooLong: Detector = lengthDetector(
  'too_long',
  (score, pair) => score > (readingsOf(pair).source.chars < short.chars ? 4 : 5),
  short.least,
)

/** Longer than nearly all human translations. */
export const wordy: Detector = lengthDetector('wordy', (score) => score > 3, short.least)

/** Shorter than nearly all human translations, or somewhat short and without the end mark that the source has. */
export const truncated: Detector = lengthDetector(
  'truncated',
  (score, { source, target }) =>
    score < -2.5 || (score < -1.2 && endsSentence.test(tail(source)) && !endMark.test(tail(target))),
)

/** How sources end whose translations must end with a mark; a colon, a bracket or a quotation may be left out. */
const endsSentence = /[.!?]$/
const endMark = /[.!?؟…:;؛۔。)\]}"”»'’*`|>]$/

function tail(text: string): string {
  return text.slice(-24).trimEnd()
}

function lengthDetector(reason: string, isOut: (score: number, pair: Pair) => boolean, least?: number): Detector {
  return {
    reason,
    version: 2,
    find: (pair) => {
      const value = lengthScore(pair, least)
      return value !== undefined && isOut(value, pair) ? { reason, value } : undefined
    },
  }
}
