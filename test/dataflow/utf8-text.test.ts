import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { utf8Text } from '../../dataflow/utf8-text.ts'

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
