import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { tokenCutter } from '../../../core/chunking/token-cutter.ts'
import { hostileText } from '../conversation/hostile-text.ts'
import { countBytes, countCodePoints, countWords } from './counters.ts'

const size = 1 << 20
const counters = { words: countWords, codePoints: countCodePoints, bytes: countBytes }
const counter = fc.constantFrom(...(Object.keys(counters) as (keyof typeof counters)[]))
const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })
const english = fc
  .array(fc.constantFrom('word', 'a', 'sentence. ', 'Why? ', ' ', '\n', '\n\n', ', ', 'longerword', '12345', '-'), {
    maxLength: 400,
  })
  .map((words) => words.join(''))

describe('the token cutter', () => {
  const byWords = (target: number, window: number, limit = 1000) =>
    tokenCutter({ target, window, limit, count: countWords })

  it('leaves a text within the window whole', () => {
    const text = 'word '.repeat(540)
    expect(byWords(490, 50)(text)).toEqual([text])
    expect(byWords(490, 50)(`${text}more`).length).toBe(2)
    expect(byWords(10, 2)('')).toEqual([''])
  })

  it('cuts behind the sentence that ends nearest to the target', () => {
    const text =
      'One two three. Four five six. Seven eight nine. Ten eleven twelve. Again and again and again it goes on'
    expect(byWords(8, 3)(text)).toEqual([
      'One two three. Four five six. ',
      'Seven eight nine. Ten eleven twelve. ',
      'Again and again and again it goes on',
    ])
  })

  it('takes a line end as the end of a sentence, and white space before nothing', () => {
    expect(byWords(4, 2)('a b c d\ne f g h i')).toEqual(['a b c d\n', 'e f g h i'])
    expect(byWords(4, 2)('a b c d  e f g h i')).toEqual(['a b c d  ', 'e f g h i'])
    expect(byWords(4, 2)('He said "b." Then he left us')).toEqual(['He said "b." ', 'Then he left us'])
    expect(byWords(3, 1)('a-b-c-d-e')).toEqual(['a-b', '-c-', 'd-e'])
  })

  it('does not break at a no-break space', () => {
    expect(byWords(3, 1)('a b\u00a0c d e f')[0]).toBe('a b\u00a0c ')
  })

  it('narrows the upper side of the window to what the prompt leaves', () => {
    const cut = tokenCutter({ target: 490, window: 50, limit: 512, promptTokens: 12, count: countWords })
    expect(cut('word '.repeat(500)).length).toBe(1)
    expect(cut('word '.repeat(501)).length).toBe(2)
  })

  it('lowers a target that does not fit behind the prompt', () => {
    const cut = tokenCutter({ target: 490, window: 50, limit: 100, promptTokens: 20, count: countWords })
    const counts = cut('word '.repeat(800)).slice(0, -1).map(countWords)
    expect(counts.length).toBeGreaterThan(8)
    expect(Math.max(...counts)).toBeLessThanOrEqual(80)
    expect(Math.min(...counts)).toBeGreaterThan(70)
  })

  it('refuses settings that leave no room', () => {
    expect(() => tokenCutter({ target: 490, window: 50, limit: 20, promptTokens: 20, count: countWords })).toThrow(
      /no room for a piece: target 490, window 50, limit 20, prompt 20 tokens/,
    )
  })

  it('keeps every piece but the last inside the window, in ordinary text', () => {
    fc.assert(
      fc.property(english, fc.nat(60), fc.nat(60), fc.nat(60), fc.nat(20), (text, target, window, spare, prompt) => {
        const limit = target + 1 + spare + prompt
        const pieces = tokenCutter({ target: target + 1, window, limit, promptTokens: prompt, count: countWords })(text)
        expect(pieces.join('')).toBe(text)
        const max = target + 1 + Math.min(window, spare)
        for (const piece of pieces) expect(countWords(piece)).toBeLessThanOrEqual(max)
        for (const piece of pieces.slice(0, -1)) {
          expect(countWords(piece)).toBeGreaterThanOrEqual(Math.max(1, target + 1 - window))
        }
        if (countWords(text) <= max) expect(pieces.length).toBe(1)
      }),
      { numRuns: 1500, seed: 1 },
    )
  })

  it('prefers the ends of sentences to spaces and spaces to anything else', () => {
    fc.assert(
      fc.property(english, (text) => {
        const pieces = tokenCutter({ target: 30, window: 8, limit: 100, count: countWords })(text)
        for (const [index, piece] of pieces.slice(0, -1).entries()) {
          const rest = pieces.slice(index).join('')
          if (/\S$/.test(piece)) expect(placesInside(rest, /\s(?=\S)/g)).toEqual([])
          else if (/[^.?\s] +$/.test(piece)) expect(placesInside(rest, /([.?] +|\s*\n\s*)(?=\S)/g)).toEqual([])
        }
      }),
      { numRuns: 800, seed: 2 },
    )
  })

  it('holds the limit and never cuts a grapheme cluster that fits, in hostile text', () => {
    fc.assert(
      fc.property(hostileText, counter, fc.nat(40), fc.nat(40), (text, name, target, window) => {
        const count = counters[name]
        const options = { target: target + 4, window, limit: target + 4 + (window >> 1), count }
        const pieces = tokenCutter(options)(text)
        expect(pieces.join('')).toBe(text)
        expect(tokenCutter(options)(text)).toEqual(pieces)
        let at = 0
        const cuts = new Set(pieces.map((piece) => (at += piece.length)))
        for (const piece of pieces) expect(count(piece)).toBeLessThanOrEqual(options.limit)
        for (const { segment, index } of segmenter.segment(text)) {
          for (let i = index + 1; i < index + segment.length; i++) {
            if (!cuts.has(i)) continue
            expect(count(segment)).toBeGreaterThan(options.limit)
            expect(/^[\ud800-\udbff][\udc00-\udfff]/.test(text.slice(i - 1, i + 1))).toBe(false)
          }
        }
      }),
      { numRuns: 2500, seed: 3 },
    )
  })

  it('leaves a code point over the limit whole', () => {
    expect(tokenCutter({ target: 1, window: 0, limit: 1, count: countBytes })('a😀b')).toEqual(['a', '😀', 'b'])
  })

  it.each([
    ['one word', 'a'.repeat(size)],
    ['spaces', ' '.repeat(size)],
    ['families', '👨‍👩‍👧‍👦'.repeat(size / 16)],
    ['flags', '🇪🇬'.repeat(size / 4)],
    ['one grapheme cluster', `a${'\u0301'.repeat(size)}`],
    ['short lines', 'a\n'.repeat(size / 2)],
    ['dense and sparse stretches', `${'a '.repeat(3000)}${' '.repeat(50_000)}`.repeat(20)],
    ['lone surrogates', '\ud800'.repeat(size)],
  ])('counts a megabyte of %s a fixed number of times', (_name, text) => {
    for (const base of [countWords, countBytes]) {
      let read = 0
      const count = (piece: string) => {
        read += piece.length
        return base(piece)
      }
      const pieces = tokenCutter({ target: 490, window: 50, limit: 512, count })(text)
      expect(pieces.join('') === text).toBe(true)
      expect(pieces.every((piece) => base(piece) <= 512)).toBe(true)
      expect(read / text.length).toBeLessThan(16)
    }
  })
})

/** The ends of the matches whose beginning has between 24 and 36 tokens: well inside the window of 22 to 38. */
function placesInside(rest: string, pattern: RegExp): number[] {
  return [...rest.matchAll(pattern)]
    .map((match) => match.index + match[0].length)
    .filter((end) => countWords(rest.slice(0, end)) >= 24 && countWords(rest.slice(0, end)) <= 36)
}
