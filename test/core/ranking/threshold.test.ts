import { expect, it } from 'vitest'
import { failureCode, parseThreshold, passes } from '../../../core/ranking/threshold.ts'

it.each([
  ['>= 0.4', [false, true, true], 'lr_below_0.4'],
  ['>0.4', [false, false, true], 'lr_not_above_0.4'],
  ['<=  0.4', [true, true, false], 'lr_above_0.4'],
  ['< 0.40', [true, false, false], 'lr_not_below_0.4'],
])('reads %s', (text, expected, code) => {
  const threshold = parseThreshold(text)
  expect([0.3, 0.4, 0.5].map((value) => passes(threshold, value))).toEqual(expected)
  expect(failureCode('lr', threshold)).toBe(code)
})

it('lets what does not apply pass', () => {
  expect(passes(parseThreshold('> -1.5'), null)).toBe(true)
  expect(passes(parseThreshold('< -1.5'), null)).toBe(true)
})

it.each(['', '0.4', '=> 0.4', '>= 0,4', '>= 1e3', '>= .5', '>= 0.4 0.5'])('refuses %j', (text) => {
  expect(() => parseThreshold(text)).toThrow(RangeError)
})
