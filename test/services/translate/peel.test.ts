import fc from 'fast-check'
import { expect, it } from 'vitest'
import { peel } from '../../../services/translate/peel.ts'
import { hostileText } from '../../core/conversation/hostile-text.ts'

it('takes the white space of JavaScript and of Unicode off both ends', () => {
  const around = '\n\r\t \u00a0\u0085\ufeff\u2028\u3000'
  expect(peel(`${around}a${around}b${around}`)).toEqual({ before: around, segment: `a${around}b`, after: around })
  expect(peel(around)).toEqual({ before: around, segment: '', after: '' })
})

it('gives pieces that join to any text', () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      const { before, segment, after } = peel(text)
      expect(before + segment + after).toBe(text)
      expect(segment).not.toMatch(/^[\s\u0085]|[\s\u0085]$/)
    }),
  )
})

it('reads a megabyte of white space inside a text once', () => {
  const text = `a${' '.repeat(1 << 20)}b`
  expect(peel(text).segment === text).toBe(true)
})
