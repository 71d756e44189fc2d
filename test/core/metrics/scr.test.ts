import { expect, it } from 'vitest'
import { reachableRatio, scr, scriptCounts, scriptRatio } from '../../../core/metrics/scr.ts'

it('counts Arabic letters and digits, other letters, and ASCII digits', () => {
  expect(scriptCounts('مرحبا ١٢۳ ﷺ a é ж 漢 7 ٪ ½ ² ४')).toEqual({ arabic: 9, latin: 4, digits: 1 })
})

it('counts tatweel, which belongs to several scripts, and no marks', () => {
  expect(scriptCounts('ـ مَـدٌّ e\u0301')).toEqual({ arabic: 4, latin: 1, digits: 0 })
})

it('counts letters beyond the basic plane once', () => {
  expect(scriptCounts('\u{1ee00}\u{10ec2} \u{1d400} \u{20000} 😀 \u{1d7d8}')).toEqual({
    arabic: 2,
    latin: 2,
    digits: 0,
  })
})

it('counts lone halves of a surrogate pair as nothing', () => {
  expect(scriptCounts('\ud800a\udc00م\ud83d')).toEqual({ arabic: 1, latin: 1, digits: 0 })
})

it('forgives a tenth of other script and not more', () => {
  expect(scriptRatio({ arabic: 90, latin: 5, digits: 5 })).toBe(1)
  expect(scriptRatio({ arabic: 45, latin: 55, digits: 0 })).toBeCloseTo(0.5, 12)
  expect(scriptRatio({ arabic: 45, latin: 55, digits: 0 }, 0.45)).toBe(1)
  expect(scriptRatio({ arabic: 0, latin: 0, digits: 3 })).toBe(0)
})

it('does not apply to a text without letters and digits', () => {
  const { score } = scr()
  expect(score({ source: 'a', target: '' })).toBeNull()
  expect(score({ source: 'a', target: '`code` — !' })).toBeNull()
})

it('can be reached only as far as the digits of the source allow', () => {
  expect(reachableRatio({ arabic: 0, latin: 100, digits: 0 })).toBe(1)
  expect(reachableRatio({ arabic: 10, latin: 26, digits: 14 })).toBeCloseTo(0.8, 12)
  expect(reachableRatio({ arabic: 0, latin: 0, digits: 3 })).toBe(0)
  expect(reachableRatio({ arabic: 0, latin: 0, digits: 0 })).toBeNull()
})
