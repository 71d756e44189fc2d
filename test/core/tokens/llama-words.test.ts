import fc from 'fast-check'
import { expect, it } from 'vitest'
import { knownWordEnd } from '../../../core/tokens/llama-words.ts'
import { nativeRegex } from '../../../core/tokens/word-splitter.ts'
import { unitReader } from '../../../core/unit-reader.ts'
import { hostileText } from '../conversation/hostile-text.ts'

const patternOf = (numbers: string) =>
  `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${numbers}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`
const llama = patternOf('\\p{N}{1,3}')
const qwen = patternOf('\\p{N}')

const wordsOf = (pattern: string, text: string): string[] => {
  const wordEnd = knownWordEnd(pattern)!
  const units = unitReader()(text)
  const words: string[] = []
  for (let at = 0; at < text.length; ) {
    const end = wordEnd(units, at, text.length)
    words.push(text.slice(at, end))
    at = end
  }
  return words
}

const borders = fc
  .array(
    fc.constantFrom(
      ...[
        "'s",
        "'ſ",
        "'T",
        "'rE",
        "'vx",
        "'LL",
        "'l",
        "'",
        'a',
        'Z',
        'م',
        'é',
        'ſ',
        '\u{1d400}',
        '\u{10d30}',
        '\ud835',
        '\udc00',
      ],
      ...[
        '1',
        '٣',
        '½',
        '12345',
        ' ',
        '  ',
        '\t',
        '\u0085',
        '\u00a0',
        '\n',
        '\r\n',
        '\r',
        '.',
        '...',
        '😀',
        '\u0301',
        '\0',
      ],
    ),
    { maxLength: 14 },
  )
  .map((pieces) => pieces.join(''))

for (const [name, pattern] of Object.entries({ llama, qwen })) {
  it(`gives the words of the pattern of ${name}`, () => {
    const regex = nativeRegex(pattern)
    fc.assert(
      fc.property(fc.oneof(borders, hostileText, fc.string({ unit: 'binary', maxLength: 30 })), (text) => {
        expect(wordsOf(pattern, text)).toEqual(text.match(regex) ?? [])
      }),
      { numRuns: 5000 },
    )
  })
}

it('knows the words of every unit between two others', () => {
  const regex = nativeRegex(llama)
  for (let unit = 0; unit < 0x10000; unit++) {
    const text = ` a${String.fromCharCode(unit)}1 `
    expect(wordsOf(llama, text)).toEqual(text.match(regex))
  }
})

it('knows no other pattern', () => {
  expect(knownWordEnd('\\p{L}+')).toBeUndefined()
})
