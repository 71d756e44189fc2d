import type { WordStep } from './tokenizer-json.ts'

/** Calls back with every word of a text in order; the words, joined, are the text. */
export type WordSplitter = (text: string, onWord: (word: string) => void) => void

/** Makes one splitter of several steps: each cuts the words of the one before. Throws a SyntaxError on an unknown pattern. */
export function wordSplitter(steps: WordStep[]): WordSplitter {
  return steps.map(stepSplitter).reduceRight<WordSplitter>(
    (next, step) => (text, onWord) => step(text, (word) => next(word, onWord)),
    (text, onWord) => onWord(text),
  )
}

function stepSplitter(step: WordStep): WordSplitter {
  if (step === 'prefix_space') return (text, onWord) => onWord(text.startsWith(' ') ? text : ` ${text}`)
  return splitBy('regex' in step ? nativeRegex(step.regex) : literalRegex([step.literal]))
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

function splitBy(regex: RegExp): WordSplitter {
  return (text, onWord) => {
    let at = 0
    // A copy, because a callback may use the same splitter again.
    const search = new RegExp(regex)
    for (let match = search.exec(text); match !== null; match = search.exec(text)) {
      const end = match.index + match[0].length
      if (match.index > at) onWord(text.slice(at, match.index))
      if (end > match.index) onWord(match[0])
      else search.lastIndex++
      at = end
    }
    if (at < text.length) onWord(text.slice(at))
  }
}
