import { unitReader } from '../unit-reader.ts'
import { knownWordEnd, type WordEnd } from './llama-words.ts'
import type { WordStep } from './tokenizer-json.ts'

/** Told of every word of a text by its place in it, and of the text's UTF-16 units, which are good until the next text is split. */
export type OnWord = (text: string, start: number, end: number, units: Uint16Array) => void

/** Calls back with every word of a text in order; the words, joined, are the text. */
export type WordSplitter = (text: string, onWord: OnWord) => void

/** Makes one splitter of several steps: each cuts the words of the one before. Throws a SyntaxError on an unknown pattern. */
export function wordSplitter(steps: WordStep[]): WordSplitter {
  const [first, ...others] = steps
  if (first === undefined) return splitAt((_units, _at, length) => length)
  const split = stepSplitter(first)
  if (others.length === 0) return split
  const rest = wordSplitter(others)
  return (text, onWord) => split(text, (whole, start, end) => rest(whole.slice(start, end), onWord))
}

function stepSplitter(step: WordStep): WordSplitter {
  if (step === 'prefix_space') {
    const whole = wordSplitter([])
    return (text, onWord) => whole(text.startsWith(' ') ? text : ` ${text}`, onWord)
  }
  if ('literal' in step) return splitBy(literalRegex([step.literal]))
  const wordEnd = knownWordEnd(step.regex)
  return wordEnd ? splitAt(wordEnd) : splitBy(nativeRegex(step.regex))
}

function splitAt(wordEnd: WordEnd): WordSplitter {
  const unitsOf = unitReader()
  return (text, onWord) => {
    const units = unitsOf(text)
    const { length } = text
    for (let at = 0; at < length; ) {
      const end = wordEnd(units, at, length)
      onWord(text, at, end, units)
      at = end
    }
  }
}

/** A pattern that finds the first, and there the longest, of the given texts. */
export function literalRegex(texts: string[]): RegExp {
  const byLength = [...texts].sort((a, b) => b.length - a.length)
  return new RegExp(byLength.map((text) => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')).join('|'), 'gu')
}

/** Most repeats of one thing in a pattern; V8 overflows its stack on about three million letters. */
const longestRun = 2 ** 20

/**
 * The JavaScript form of a pattern of a tokenizer.json, which is written for Oniguruma: there `\s` is White_Space, and
 * `(?i:…)` groups, here taken apart letter by letter, know the two letters that fold to ASCII. A run of more than
 * 1,048,576 characters is cut, so that no text is too long for it.
 */
export function nativeRegex(pattern: string): RegExp {
  const spelled = pattern.replace(/\(\?i:([^()]*)\)/g, (_, body: string) => `(?:${body.replace(/[a-z]/gi, foldClass)})`)
  const adapted = spelled.replace(/\\[\s\S]|\[(?:[^\]\\]|\\[\s\S])*\]|[+*]/g, (piece) => {
    if (piece === '+') return `{1,${longestRun}}`
    if (piece === '*') return `{0,${longestRun}}`
    return piece.replace(/\\[\s\S]/g, (pair) => spaceClasses.get(pair) ?? pair)
  })
  return new RegExp(adapted, 'gu')
}

const spaceClasses = new Map([
  ['\\s', '\\p{White_Space}'],
  ['\\S', '\\P{White_Space}'],
])

function foldClass(letter: string): string {
  const lower = letter.toLowerCase()
  const beyondAscii = lower === 's' ? '\u017f' : lower === 'k' ? '\u212a' : ''
  return `[${lower}${lower.toUpperCase()}${beyondAscii}]`
}

/** Sticky matching tells only where a word ends, which is all it takes, and makes no match objects. */
function splitBy(regex: RegExp): WordSplitter {
  const next = new RegExp(regex.source, `${regex.flags}y`)
  const unitsOf = unitReader()
  return (text, onWord) => {
    const units = unitsOf(text)
    // The pattern is every text's: its place is set before each match.
    for (let at = 0; at < text.length; ) {
      next.lastIndex = at
      const end = next.test(text) && next.lastIndex > at ? next.lastIndex : gapEnd(text, at, regex)
      onWord(text, at, end, units)
      at = end
    }
  }
}

/** Where the next match that is not empty begins: what lies before it is a word of its own. */
function gapEnd(text: string, at: number, regex: RegExp): number {
  const search = new RegExp(regex)
  search.lastIndex = at
  for (let match = search.exec(text); match !== null; match = search.exec(text)) {
    if (match[0] !== '' && match.index > at) return match.index
    if (match[0] === '') search.lastIndex = match.index + 1
  }
  return text.length
}
