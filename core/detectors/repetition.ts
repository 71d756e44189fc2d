import { unitReader } from '../unit-reader.ts'
import type { Detector, Finding, Pair } from './detector.ts'
import { distinctRuns, wordNumbers } from './grams.ts'
import { type Loop, longestLoop } from './loops.ts'
import { readingsOf, type Token, tokensOf } from './reading.ts'

const unitsOf = unitReader()

/** Share of repeated runs of four words that the target has more than the source, and how many they must be. */
const extra = { share: 0.1, least: 6 }
const wordLoop = { longest: 24, times: 4, least: 6 }
const letterLoop = { longest: 8, times: 6, least: 24 }

/**
 * The model went in circles: many runs of four words come again, the same few words come four times in a row, or the same
 * few letters do inside one word; each of it more than in the source.
 */
export const repetition: Detector = {
  reason: 'repetition',
  version: 2,
  find: (pair) => {
    const readings = readingsOf(pair)
    const source = tokensOf(pair.source, readings.source)
    const target = tokensOf(pair.target, readings.target)
    const numbers = wordNumbers(target)
    return wordsInCircles(source, target, numbers) ?? lettersInCircles(pair) ?? repeatedRuns(source, numbers)
  },
}

function wordsInCircles(source: Token[], target: Token[], numbers: number[]): Finding | undefined {
  const found = longestLoop(numbers, wordLoop)
  if (found === undefined || moreIn(source, found)) return undefined
  const last = found.start + found.length + found.period - 1
  return {
    reason: 'repetition',
    start: target[found.start]!.start,
    end: target[last]!.end,
    value: found.length / found.period + 1,
  }
}

/** Whether the source goes in circles itself, nearly as long. */
function moreIn(source: Token[], { length }: Loop): boolean {
  const own = longestLoop(wordNumbers(source), { ...wordLoop, times: 3, least: 3 })
  return own !== undefined && own.length * 2 >= length
}

/** What Arabic writes as one letter, or two, over and over. */
const laughter = /\b(?:(?:h[aeio]+[ -]?){2,}h?|lol|lmao|rofl)\b/i

function lettersInCircles({ source, target }: Pair): Finding | undefined {
  const found = longestLoop(lettersOf(target), letterLoop)
  if (found === undefined) return undefined
  if (laughter.test(source) && found.period <= 2) return undefined
  const own = longestLoop(lettersOf(source), { ...letterLoop, times: 3, least: 8 })
  if (own !== undefined && own.length * 2 >= found.length) return undefined
  const end = found.start + found.length + found.period
  return { reason: 'repetition', start: found.start, end, value: found.length / found.period + 1 }
}

let kept = new Int32Array(4096)
const mostKept = 2 ** 16

/** Units of letters; every other unit is a number of its own, so that rules of dashes or spaces are no loop. Good until the next text. */
function lettersOf(text: string): ArrayLike<number> {
  if (kept.length < text.length && text.length <= mostKept) kept = new Int32Array(mostKept)
  const values = text.length <= kept.length ? kept.subarray(0, text.length) : new Int32Array(text.length)
  const units = unitsOf(text)
  for (let at = 0; at < values.length; at++) {
    const unit = units[at]!
    values[at] = unit > 0x40 && unit !== 0x5f && unit !== 0x60 && isWordUnit(unit) ? unit : -1 - at
  }
  return values
}

function isWordUnit(unit: number): boolean {
  return unit < 0x80 ? (unit | 0x20) >= 0x61 && (unit | 0x20) <= 0x7a : unit >= 0xc0 && unit < 0x2000
}

function repeatedRuns(source: Token[], target: number[]): Finding | undefined {
  const inTarget = repeats(target)
  if (inTarget.repeated < extra.least) return undefined
  const more = inTarget.repeated - repeats(wordNumbers(source)).repeated
  const value = more / inTarget.all
  return more >= extra.least && value >= extra.share ? { reason: 'repetition', value } : undefined
}

function repeats(words: number[]): { all: number; repeated: number } {
  const all = Math.max(0, words.length - 3)
  return { all, repeated: all - distinctRuns(words) }
}
