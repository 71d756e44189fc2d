import { expect, it } from 'vitest'
import { countRange, hourRange, timeRange, tokenRange, usdRange } from '../../cli/display/range-text.ts'

it('writes a range once where its ends read the same, and its unit once where both have it', () => {
  expect(countRange({ low: 12, high: 12.4 })).toBe('12')
  expect(countRange({ low: 1200, high: 1300 })).toBe('1,200–1,300')
  expect(tokenRange({ low: 1.2e6, high: 1.35e6 })).toBe('1.20–1.35 M')
  expect(tokenRange({ low: 9e5, high: 1.35e6 })).toBe('900,000–1.35 M')
  expect(timeRange({ low: 3600 * 4 + 120, high: 3600 * 35 })).toBe('4 h 2 min–35 h')
  expect(timeRange({ low: 10, high: 20 })).toBe('10–20 s')
  expect(hourRange({ low: 10, high: 24 })).toBe('10–24 h')
})

it('writes dollars with one sign, and says when no price is known', () => {
  expect(usdRange({ low: 1.2, high: 3.4 })).toBe('$1.20–3.40')
  expect(usdRange({ low: 0.001, high: 3.4 })).toBe('up to $3.40')
  expect(usdRange({ low: 0.001, high: 0.002 })).toBe('< $0.01')
  expect(usdRange(undefined)).toBe('price not known')
})
