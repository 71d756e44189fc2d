import type { Detector, Finding, Pair } from './detector.ts'
import { gramNumbers, noGrams, wordNumbers } from './grams.ts'
import { type Loop, longestLoop } from './loops.ts'
import { type Reading, readingsOf } from './reading.ts'

/** Share of repeated runs of four words that the target has more than the source, and how many they must be. */
const extra = { share: 0.1, least: 6 }
const wordLoop = { longest: 24, times: 4, least: 6 }
const letterLoop = { longest: 8, times: 6, least: 32 }

/**
 * The model went in circles: many runs of four words come again, the same few words come four times in a row, or the same
 * few letters do inside one word; each of it more than in the source.
 */
export const repetition: Detector = {
  reason: 'repetition',
  version: 1,
  find: (pair) => wordsInCircles(pair) ?? lettersInCircles(pair) ?? repeatedRuns(pair),
}

function wordsInCircles(pair: Pair): Finding | undefined {
  const { source, target } = readingsOf(pair)
  const found = longestLoop(wordNumbers(target.words), wordLoop)
  if (found === undefined || moreIn(source, found)) return undefined
  const last = found.start + found.length + found.period - 1
  return {
    reason: 'repetition',
    start: target.words[found.start]!.start,
    end: target.words[last]!.end,
    value: found.length / found.period + 1,
  }
}

/** Whether the source goes in circles itself, nearly as long. */
function moreIn(source: Reading, { length }: Loop): boolean {
  const own = longestLoop(wordNumbers(source.words), { ...wordLoop, times: 3, least: 3 })
  return own !== undefined && own.length * 2 >= length
}

function lettersInCircles({ source, target }: Pair): Finding | undefined {
  const found = longestLoop(lettersOf(target), letterLoop)
  if (found === undefined) return undefined
  const own = longestLoop(lettersOf(source), { ...letterLoop, times: 3, least: 8 })
  if (own !== undefined && own.length * 2 >= found.length) return undefined
  const end = found.start + found.length + found.period
  return { reason: 'repetition', start: found.start, end, value: found.length / found.period + 1 }
}

/** Units of letters; every other unit is a number of its own, so that rules of dashes or spaces are no loop. */
function lettersOf(text: string): ArrayLike<number> {
  const values = new Float64Array(text.length)
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    values[at] = unit > 0x40 && unit !== 0x5f && unit !== 0x60 && isWordUnit(unit) ? unit : -1 - at
  }
  return values
}

function isWordUnit(unit: number): boolean {
  return unit < 0x80 ? (unit | 0x20) >= 0x61 && (unit | 0x20) <= 0x7a : unit >= 0xc0 && unit < 0x2000
}

function repeatedRuns(pair: Pair): Finding | undefined {
  const { source, target } = readingsOf(pair)
  const inTarget = repeats(target)
  if (inTarget.repeated < extra.least) return undefined
  const more = inTarget.repeated - repeats(source).repeated
  const value = more / inTarget.all
  return more >= extra.least && value >= extra.share ? { reason: 'repetition', value } : undefined
}

function repeats({ words }: Reading): { all: number; repeated: number } {
  const grams = gramNumbers(wordNumbers(words), 4, noGrams())
  return { all: grams.length, repeated: grams.length - new Set(grams).size }
}
