import fc from 'fast-check'
import { expect, it } from 'vitest'
import { pseudo, pseudoText } from '../../../../services/translate/backends/pseudo.ts'
import { hostileText } from '../../../core/conversation/hostile-text.ts'
import { requestOf } from '../fake-line.ts'

it('maps every Latin letter to an Arabic one and leaves the rest', () => {
  expect(pseudoText('abc XYZ, 12 é 中 👍\r\n')).toBe('ابت منه, 12 é 中 👍\r\n')
  expect(new Set(pseudoText('abcdefghijklmnopqrstuvwxyz')).size).toBe(26)
})

it('keeps the length of any text', () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      const target = pseudoText(text)
      expect(target.length).toBe(text.length)
      expect(target).not.toMatch(/[A-Za-z]/)
      expect(target.replace(/[\u0600-\u06ff]/g, '')).toBe(text.replace(/[A-Za-z\u0600-\u06ff]/g, ''))
    }),
  )
})

it('takes a text of many megabytes', () => {
  const text = 'word '.repeat(2_000_000)
  expect(pseudoText(text) === pseudoText('word ').repeat(2_000_000)).toBe(true)
})

it('answers at once, costs nothing and names itself', () => {
  const translator = pseudo()
  expect(translator).toMatchObject({ backend: 'pseudo', paid: false })
  expect(translator.translateNow!(requestOf('Hi'))).toMatchObject({ text: pseudoText('Hi'), usage: { cost_usd: 0 } })
})
