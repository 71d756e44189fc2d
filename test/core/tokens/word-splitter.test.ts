import { expect, it } from 'vitest'
import { nativeRegex, wordSplitter } from '../../../core/tokens/word-splitter.ts'

const wordsOf = (steps: Parameters<typeof wordSplitter>[0], text: string): string[] => {
  const words: string[] = []
  wordSplitter(steps)(text, (whole, start, end) => words.push(whole.slice(start, end)))
  return words
}

it('gives matches and what lies between them, step after step', () => {
  expect(wordsOf([{ regex: '\\s+' }, { literal: '.*' }, { regex: '\\d' }], 'ab .*1c\u00852')).toEqual([
    ...['ab', ' ', '.*', '1', 'c', '\u0085', '2'],
  ])
})

it('puts a space before every word that has none', () => {
  expect(wordsOf([{ literal: 'b' }, 'prefix_space'], 'a b')).toEqual([' a ', ' b'])
})

it('leaves plus, star and brackets in classes and behind backslashes as they are', () => {
  expect('a+*]\\s'.match(nativeRegex('[+*\\]]+|\\\\s'))).toEqual(['+*]', '\\s'])
  expect('++'.match(nativeRegex('\\+'))).toEqual(['+', '+'])
})

it('ignores case as Oniguruma does', () => {
  expect("'S 'ſ '\u212a 'LL".match(nativeRegex("(?i:'s|'k|'ll)"))).toEqual(["'S", "'ſ", "'\u212a", "'LL"])
})

it('cuts a word of five million letters instead of failing on it', () => {
  const lengths = wordsOf([{ regex: '\\p{L}+|\\s*' }], 'م'.repeat(5 * 2 ** 20)).map((word) => word.length)
  expect(lengths).toEqual(new Array(5).fill(2 ** 20))
})
