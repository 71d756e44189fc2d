import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bpeCounter } from '../../../core/tokens/bpe-counter.ts'
import { byteAlphabet } from '../../../core/tokens/byte-alphabet.ts'
import { longWordCounter } from '../../../core/tokens/long-word.ts'
import { mergeTable } from '../../../core/tokens/merge-table.ts'
import { mergeWord } from '../../../core/tokens/merge-word.ts'
import { symbolsOf } from '../../../core/tokens/token-history.ts'
import { tokenNeighbours } from '../../../core/tokens/token-neighbours.ts'
import { tokenTrie } from '../../../core/tokens/token-trie.ts'
import { llamaPath, nativeCounter } from './native-count.ts'

/** A counter of a list of merges, and one that does them all in their order. */
const countersOf = (merges: [string, string][]) => {
  // 'bbbb' stands for tokens that a vocabulary has and no merge makes.
  const texts = new Set([...byteAlphabet, ...merges.map(([left, right]) => left + right), 'bbbb'])
  const vocab = new Map([...texts].map((text, id) => [text, id]))
  const table = mergeTable(merges, vocab)
  const byteTokens = Int32Array.from(byteAlphabet, (letter) => vocab.get(letter)!)
  const trie = tokenTrie(vocab)
  const merging = { table, byteTokens, tokens: trie.tokens, bytesOf: trie.bytesOf }
  return {
    count: longWordCounter(trie, tokenNeighbours(merging)),
    merge: (bytes: Uint8Array) => mergeWord(symbolsOf(byteTokens, bytes), table),
  }
}

/** Merges of letters and of what they make, in any order: also with a merge before those that make its parts. */
const mergeLists = fc
  .tuple(
    fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 1, maxLength: 25 }),
    fc.infiniteStream(fc.nat()),
    fc.boolean(),
  )
  .map(([picks, places, isInOrder]) => {
    const known = ['a', 'b', 'c']
    const merges = new Map<string, [string, string]>()
    for (const [left, right] of picks) {
      const pair: [string, string] = [known[left % known.length]!, known[right % known.length]!]
      if (pair.join('').length > 12 || merges.has(pair.join(' '))) continue
      merges.set(pair.join(' '), pair)
      known.push(pair.join(''))
    }
    const list = [...merges.values()]
    if (isInOrder) return list
    const order = new Map(list.map((pair) => [pair, places.next().value]))
    return list.sort((one, other) => order.get(one)! - order.get(other)!)
  })
const text = fc
  .array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'ab', 'aab', 'abc', 'cb', 'bbbb'), fc.integer({ min: 1, max: 12 })), {
    minLength: 1,
    maxLength: 12,
  })
  .map((pieces) => pieces.map(([letters, times]) => letters.repeat(times)).join(''))
/** Stretches of a text, many from the same place on. */
const stretches = fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.double({ min: 0, max: 1, noNaN: true })), {
  minLength: 1,
  maxLength: 12,
})

describe('longWordCounter', () => {
  it('counts what doing all merges in their order leaves, of any stretches one after the other', () => {
    fc.assert(
      fc.property(mergeLists, text, text, stretches, (merges, one, other, asked) => {
        const { count, merge } = countersOf(merges)
        const encoder = new TextEncoder()
        for (const [start, share] of asked) {
          const whole = start === 3 ? other : one
          const bytes = encoder.encode(whole.slice(start, Math.ceil(whole.length * share)))
          expect(count(bytes)).toBe(merge(bytes))
        }
      }),
      { numRuns: 1500 },
    )
  })

  it('counts long words of Llama 3.1 as the native library does, of stretches of one text too', async () => {
    const json = readFileSync(llamaPath, 'utf8')
    const [llama, native] = [bpeCounter(JSON.parse(json)), nativeCounter(json)]
    const alphabets = [
      'abcdefghijklmnopqrstuvwxyz',
      'ACGT',
      'ابتثجحخدذرزسشصضطظعغفقكلمنهويىءآأؤإئةًٌٍَُِّْ',
      '=',
      '漢字文化圏',
      'ñžøß',
    ]
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...alphabets),
        fc.array(fc.nat(), { minLength: 100, maxLength: 600, size: 'max' }),
        stretches,
        async (alphabet, letters, asked) => {
          const word = letters.map((letter) => alphabet[letter % alphabet.length]).join('')
          for (const [start, share] of asked) {
            const stretch = word.slice(start, Math.ceil(word.length * share))
            expect(llama(stretch)).toBe(await native(stretch))
          }
        },
      ),
      { numRuns: 150 },
    )
  })
})
