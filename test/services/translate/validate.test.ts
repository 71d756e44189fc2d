import { expect, it } from 'vitest'
import { refusal } from '../../../services/translate/validate.ts'

it.each([
  ['an empty text', '', 'empty'],
  ['white space', ' \n\u00a0\u0085\ufeff', 'empty'],
  ['marks that nobody sees', '\u200f\u202b\u200b\u2066\u00ad', 'empty'],
  ['a lone surrogate', '\ud800', 'empty'],
  ['a word', 'مرحبا', undefined],
  ['a sign', '…', undefined],
  ['an emoji', '👍', undefined],
])('judges %s', (_name, target, reason) => {
  expect(refusal('Hello', target, 'stop')).toBe(reason)
})

it('refuses what was cut off at the limit of tokens, and nothing for other ends', () => {
  expect(refusal('Hello', 'مرحبا', 'length')).toBe('length')
  expect(refusal('Hello', '', 'length')).toBe('empty')
  for (const finish of ['stop', 'eos', '', 'content_filter']) expect(refusal('a', 'ا', finish)).toBeUndefined()
})

it('refuses more than three times the bytes of the source and 64 KiB', () => {
  const source = 'x'.repeat(1000)
  const most = 3 * 1000 + 64 * 1024
  expect(refusal(source, 'y'.repeat(most), 'stop')).toBeUndefined()
  expect(refusal(source, 'y'.repeat(most + 1), 'stop')).toBe('runaway')
  expect(refusal(source, 'ا'.repeat(most / 2 + 1), 'stop')).toBe('runaway')
})
