import fc from 'fast-check'
import { expect, it } from 'vitest'
import { visibleControls, visibleLine } from '../../../core/report/visible-text.ts'

it('shows control characters and keeps line feeds, tabs and direction marks in texts of several lines', () => {
  expect(visibleControls('a\u001b[31mb\u0000\tc\r\nd\u200fe')).toBe('a⟨U+001B⟩[31mb⟨U+0000⟩\tc\nd\u200fe')
})

it('shows direction marks and joins lines where a text stands among others', () => {
  expect(visibleLine('  a\u202eb \n\t c\u2069\u061c ')).toBe('a⟨U+202E⟩b c⟨U+2069⟩⟨U+061C⟩')
})

it('never leaves what could steer a terminal or turn a line', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(visibleLine(text)).not.toMatch(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u)
    }),
  )
})

it('leaves Arabic as it is', () => {
  expect(visibleLine('قسم ١/عربي')).toBe('قسم ١/عربي')
})
