import { expect, it } from 'vitest'
import { wordCache } from '../../../core/tokens/word-cache.ts'
import { unitReader } from '../../../core/unit-reader.ts'

it('gives what it was told for every word, however many share a slot', () => {
  const lengthOf = wordCache((word) => word.length * 1000 + word.charCodeAt(0))
  const words = Array.from({ length: 300_000 }, (_, i) => i.toString(36))
  const text = words.join('')
  for (let round = 0; round < 2; round++) {
    let at = 0
    const units = unitReader()(text)
    for (const word of words) {
      const end = at + word.length
      if (lengthOf(text, at, end, units) !== word.length * 1000 + word.charCodeAt(0)) expect.fail(word)
      at = end
    }
  }
})

it('asks once for a word that it knows, and each time for a long one', () => {
  const asked: string[] = []
  const count = wordCache((word) => asked.push(word))
  const long = 'x'.repeat(29)
  for (const text of ['word', ' word', long, long])
    count(text, text.startsWith(' ') ? 1 : 0, text.length, unitReader()(text))
  expect(asked).toEqual(['word', long, long])
})
