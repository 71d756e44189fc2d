import { unitReader } from '../unit-reader.ts'
import { charClass, unitClasses } from './char-class.ts'
import type { Metric } from './metric.ts'

/** How long a text is: maximal runs without white space, and code points without white space; can be summed. */
export interface Extent {
  words: number
  chars: number
}

const unitsOf = unitReader()

/** Counts words and characters; white space is the Unicode property White_Space. */
export function wordsAndChars(text: string): Extent {
  let words = 0
  let chars = 0
  let inWord = false
  const units = unitsOf(text)
  const { length } = text
  for (let at = 0; at < length; at++) {
    const unit = units[at]!
    if (unitClasses[unit] === charClass.space) {
      inWord = false
      continue
    }
    if (!inWord) words++
    inWord = true
    chars++
    if (unit >= 0xd800 && unit < 0xdc00 && at + 1 < length && isLowSurrogate(units[at + 1]!)) at++
  }
  return { words, chars }
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000
}

/**
 * The length ratio of section 3.5 of the SmolKalam paper: exp(-alpha |ln(target / source)|) of words and of characters,
 * the smaller of the two. 1 = same length; both without a word = 1, only one = 0.
 */
export function lengthRatio(source: Extent, target: Extent, alpha = 1): number {
  return Math.min(penalty(source.words, target.words, alpha), penalty(source.chars, target.chars, alpha))
}

function penalty(source: number, target: number, alpha: number): number {
  if (source === 0 || target === 0) return source === target ? 1 : 0
  return (Math.min(source, target) / Math.max(source, target)) ** alpha
}

/** The length ratio of a text as a metric; alpha, from 1.0 to 1.5 in the paper, is how hard a difference counts. */
export function lr({ alpha = 1 }: { alpha?: number } = {}): Metric {
  return {
    name: 'lr',
    direction: 'higher',
    version: 1,
    score: ({ source, target }) => lengthRatio(wordsAndChars(source), wordsAndChars(target), alpha),
  }
}
