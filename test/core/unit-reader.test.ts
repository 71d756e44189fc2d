import { expect, it } from 'vitest'
import { unitAt } from '../../core/unit-at.ts'
import { unitReader } from '../../core/unit-reader.ts'

const unitsIn = (text: string): number[] => Array.from({ length: text.length }, (_, at) => text.charCodeAt(at))

it('gives the units of texts of every length and kind, halves of pairs too', () => {
  const unitsOf = unitReader()
  const long = 'كلمة word \u{1f600} \ud800'.repeat(20_000)
  for (const text of [
    '',
    'a',
    'é',
    '\udc00\ud800',
    long.slice(3, 5000),
    'short',
    `${long}!`,
    long.slice(1, 70_000),
    'ok',
  ]) {
    expect(Array.from(unitsOf(text).subarray(0, text.length))).toEqual(unitsIn(text))
  }
})

it('gives one unit, and NaN outside', () => {
  expect(['aم'.length, unitAt('aم', 1), unitAt('a', 1), unitAt('a', -1)]).toEqual([2, 0x645, Number.NaN, Number.NaN])
})
