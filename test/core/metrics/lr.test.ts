import fc from 'fast-check'
import { expect, it } from 'vitest'
import { lengthRatio, lr, wordsAndChars } from '../../../core/metrics/lr.ts'

it('counts what splitting by the White_Space property counts', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({
      unit: fc.constantFrom('a', 'م', ' ', '\u0085', '\ufeff', '\u2028', '\u200b', '\u3000', '😀', '\ud800', '\udc00'),
    }),
  )
  fc.assert(
    fc.property(text, (text) => {
      const words = text.split(/\p{White_Space}+/u).filter((word) => word !== '')
      expect(wordsAndChars(text)).toEqual({
        words: words.length,
        chars: [...words.join('\n')].length - Math.max(0, words.length - 1),
      })
    }),
  )
})

it('takes U+0085 but not U+FEFF for white space', () => {
  expect(wordsAndChars('a\u0085b\ufeffc')).toEqual({ words: 2, chars: 4 })
})

it('is the smaller of the two penalties', () => {
  expect(lengthRatio({ words: 10, chars: 40 }, { words: 8, chars: 40 })).toBeCloseTo(0.8, 12)
  expect(lengthRatio({ words: 10, chars: 40 }, { words: 10, chars: 80 })).toBeCloseTo(0.5, 12)
})

it('is exp(-alpha |ln(target / source)|) for any alpha', () => {
  const extent = fc.record({ words: fc.integer({ min: 1, max: 1e6 }), chars: fc.integer({ min: 1, max: 1e7 }) })
  fc.assert(
    fc.property(extent, extent, fc.double({ min: 1, max: 1.5, noNaN: true }), (source, target, alpha) => {
      const byWords = Math.exp(-alpha * Math.abs(Math.log(target.words / source.words)))
      const byChars = Math.exp(-alpha * Math.abs(Math.log(target.chars / source.chars)))
      expect(lengthRatio(source, target, alpha)).toBeCloseTo(Math.min(byWords, byChars), 10)
    }),
  )
})

it('is 1 for two empty texts and 0 when only one is empty', () => {
  const { score } = lr({ alpha: 1.5 })
  expect(score({ source: ' ', target: '' })).toBe(1)
  expect(score({ source: 'a', target: ' ' })).toBe(0)
  expect(score({ source: '', target: 'a' })).toBe(0)
})

it('reads a word of a million characters', () => {
  expect(wordsAndChars('م'.repeat(2 ** 20))).toEqual({ words: 1, chars: 2 ** 20 })
})
