import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { repeatedText, utf8Text } from '../../dataflow/utf8-text.ts'

type Bytes = Parameters<typeof utf8Text>[0]

const arabic = 'تُترجم المحادثات إلى العربية ثم تُرتّب. '.repeat(20)

/** What is not well-formed UTF-8: cut characters, overlong forms, surrogates, bytes that begin nothing. */
const damages = [[0xd8], [0xe2, 0x80], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xff], [0xf5, 0x80, 0x80, 0x80], [0x80]]

describe('text of UTF-8 bytes', () => {
  it('is the text that was encoded', () => {
    const texts = [arabic, 'plain '.repeat(50), `${'x'.repeat(200)}“”—`, '😀'.repeat(80), '', 'short', 'قصير']
    for (const text of texts) {
      const bytes = Buffer.from(`ab${text}cd`) as Bytes
      expect(utf8Text(bytes, 2, bytes.length - 2)).toBe(text)
    }
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 60, maxLength: 400 }), (text) => {
        const bytes = Buffer.from(text) as Bytes
        expect(utf8Text(bytes, 0, bytes.length)).toBe(bytes.toString())
      }),
      { numRuns: 30 },
    )
  })

  it('has replacement characters where the bytes are damaged, as Buffer decodes them', () => {
    for (const damage of damages) {
      const bytes = Buffer.concat([Buffer.from(arabic), Buffer.from(damage), Buffer.from(arabic)]) as Bytes
      expect(utf8Text(bytes, 0, bytes.length)).toBe(bytes.toString())
    }
  })
})

describe('texts that come again and again', () => {
  it('are what they are without being remembered, whatever came before', () => {
    const text = fc.oneof(
      fc.constantFrom('lr', 'scr', 'user', 'é', 'م', '\u00ff', ''),
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 3 }),
    )
    const bytes = fc.oneof(
      text.map((one) => Buffer.from(one)),
      fc.uint8Array({ maxLength: 4 }).map((one) => Buffer.from(one)),
      fc.constantFrom(...damages).map((one) => Buffer.from(one)),
      // Units of Latin 1 are no UTF-8, and must not be found as the text that has them.
      fc.constantFrom('é', '\u00ff', 'aé').map((one) => Buffer.from(one, 'latin1')),
    )
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 200 }), (all) => {
        for (const one of [...all, ...all]) {
          const within = Buffer.concat([Buffer.from('<'), one, Buffer.from('>')])
          expect(repeatedText(within, 1, 1 + one.length)).toBe(one.toString())
        }
      }),
      { numRuns: 200 },
    )
  })
})
