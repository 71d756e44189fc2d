import type { Detector } from './detector.ts'
import { unit } from './letters.ts'
import { keptQuotes } from './quotes.ts'
import { readingsOf, type Word } from './reading.ts'

/** Words in a row that are English left in the target, and how many of them must be lower-case: names are not. */
const least = { words: 5, lower: 3 }
/** What stands between two words of a sentence; without a space they are one name, path or call. */
const space = /^[,;:.!?'’"“”()]{0,2} [("“'‘]?$/

interface Run {
  start: number
  end: number
  words: number
  lower: number
}

/** A run of Latin words, with numbers between them, stands in the target outside of code, links, mathematics and quotations of the source. */
export const partCopied: Detector = {
  reason: 'part_copied',
  version: 1,
  find: (pair) => {
    const { words } = readingsOf(pair).target
    const isKept = insideOf(keptQuotes(pair.source, pair.target))
    let run: Run | undefined
    let last: Word | undefined
    for (const word of words) {
      const isLatin = word.script === unit.latin && !isKept(word)
      const isPart = isLatin || (run !== undefined && word.script === unit.digit)
      const step = run && last && isPart ? joins(pair.target, last, word) : 'ends'
      last = word
      if (step === 'ends') {
        if (isLong(run)) break
        run = isLatin ? { start: word.start, end: word.end, words: 0, lower: 0 } : undefined
      }
      if (run === undefined) continue
      run.end = word.end
      if (step === 'same' || !isLatin) continue
      run.words++
      if (word.isLower && word.text.length > 1) run.lower++
    }
    return isLong(run) ? { reason: 'part_copied', start: run.start, end: run.end, value: run.words } : undefined
  },
}

function isLong(run: Run | undefined): run is Run {
  return run !== undefined && run.words >= least.words && run.lower >= least.lower
}

/** Whether a word goes on with a run, as its next word or as a piece of the last one. */
function joins(text: string, last: Word, word: Word): 'next' | 'same' | 'ends' {
  const between = text.slice(last.end, word.start)
  if (space.test(between)) return 'next'
  return between.length <= 3 && !/\s/.test(between) ? 'same' : 'ends'
}

/** Tells whether words, asked in their order, begin inside of stretches. */
function insideOf(stretches: readonly { start: number; end: number }[]): (word: Word) => boolean {
  let next = 0
  return ({ start }) => {
    while (next < stretches.length && stretches[next]!.end <= start) next++
    return next < stretches.length && stretches[next]!.start <= start
  }
}
