import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lineCutter } from '../../../core/chunking/line-cutter.ts'
import { hostileText } from '../conversation/hostile-text.ts'
import { countCodePoints, countWords } from './counters.ts'

describe('the line cutter', () => {
  const byTwo = lineCutter({ count: 2, limit: 100, tokens: countWords })

  it('gives pieces of so many lines, each with its line break', () => {
    expect(byTwo('a\nb\nc\nd\ne')).toEqual(['a\nb\n', 'c\nd\n', 'e'])
    expect(byTwo('a\r\nb\r\nc\r\n')).toEqual(['a\r\nb\r\n', 'c\r\n'])
    expect(byTwo('\n\n\n')).toEqual(['\n\n', '\n'])
    expect(byTwo('')).toEqual([''])
  })

  it('cuts a piece over the limit finer', () => {
    const long = `${'One two three. '.repeat(60)}\n`
    const pieces = byTwo(`a\nb\n${long}c`)
    expect(pieces[0]).toBe('a\nb\n')
    expect(pieces.slice(1).join('')).toBe(`${long}c`)
    expect(pieces.slice(1, -1).every((piece) => piece.endsWith('three. '))).toBe(true)
    for (const piece of pieces) expect(countWords(piece)).toBeLessThanOrEqual(100)
  })

  it('refuses no lines and no limit', () => {
    expect(() => lineCutter({ count: 0, limit: 10, tokens: countWords })).toThrow(RangeError)
    expect(() => lineCutter({ count: 5, limit: 0, tokens: countWords })).toThrow(RangeError)
  })

  it('holds both limits in hostile text', () => {
    fc.assert(
      fc.property(
        hostileText,
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 50 }),
        (text, count, limit) => {
          const pieces = lineCutter({ count, limit, tokens: countCodePoints })(text)
          expect(pieces.join('')).toBe(text)
          for (const piece of pieces) {
            expect(piece.split('\n').length - (piece.endsWith('\n') ? 1 : 0)).toBeLessThanOrEqual(count)
            expect(countCodePoints(piece)).toBeLessThanOrEqual(limit)
          }
        },
      ),
      { numRuns: 1500, seed: 4 },
    )
  })
})
