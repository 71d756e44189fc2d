import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bpeCounter } from '../../../core/tokens/bpe-counter.ts'
import { byteAlphabet } from '../../../core/tokens/byte-alphabet.ts'
import { hostileText } from '../conversation/hostile-text.ts'
import { llamaPath, nativeCounter } from './native-count.ts'

const data = new URL('../../data/', import.meta.url)
const llamaText = readFileSync(llamaPath, 'utf8')
const llama = bpeCounter(JSON.parse(llamaText))
const nativeLlama = nativeCounter(llamaText)

const difficult = fc.oneof(
  hostileText,
  fc.string({ unit: 'grapheme', maxLength: 80 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc
    .array(
      fc.constantFrom(
        ...[
          '<|eot_id|>',
          '<|begin_of_text|>',
          '<|reserved_special_token_1|>',
          '<|eot_id',
          '|>',
          "'S",
          "'ſ",
          "'LL",
          "'K",
        ],
        ...[' ', '\n', '\r\n', '\u0085', '\u2028', '\ufeff', '\u200b', '123456', '٠١٢٣', '½', 'ﷺ', 'ـ', 'word', 'كلمة'],
      ),
      { maxLength: 12 },
    )
    .map((pieces) => pieces.join('')),
)

describe('bpeCounter', () => {
  for (const folder of ['chat', 'raw', 'parallel', 'eval', '../golden']) {
    it(`counts as the native library does on every line of ${folder}`, async () => {
      const names = readdirSync(new URL(folder, data)).filter((name) => /\.(jsonl|txt)$/.test(name))
      expect(names.length).toBeGreaterThan(0)
      for (const name of names) {
        const lines = readFileSync(new URL(`${folder}/${name}`, data), 'utf8').split('\n')
        const native = await Promise.all(lines.map(nativeLlama))
        expect(lines.map(llama), name).toEqual(native)
      }
    })
  }

  it('counts as the native library does on hostile strings', async () => {
    await fc.assert(
      fc.asyncProperty(difficult, async (text) => {
        expect(llama(text)).toBe(await nativeLlama(text))
      }),
      { numRuns: 2000 },
    )
  })

  it('counts one word of a million characters as the native library does', async () => {
    for (const word of ['a'.repeat(2 ** 20), 'مرحبا'.repeat(2e5), '`'.repeat(2 ** 20), ' '.repeat(2 ** 20)]) {
      expect(llama(word)).toBe(await nativeLlama(word))
    }
  })

  it('still counts right after the word cache has overflowed', () => {
    const counts = (from: number) =>
      Array.from({ length: 66_000 }, (_, index) => llama(` w${(from + index).toString(36)}`))
    const first = counts(0)
    counts(100_000)
    expect(counts(0)).toEqual(first)
  })
})

const merges = ['a b', 'ab c', 'b c', 'Ġ a', 'Ġa b', '1 2', 'Ã ©', 'c a', 'ca b']
const tokens = [...byteAlphabet, ...merges.map((merge) => merge.replace(' ', '')), 'abcab']
const tiny = {
  version: '1.0',
  added_tokens: [
    { id: 900, content: '<s>', special: true, normalized: false, single_word: false, lstrip: false, rstrip: false },
    { id: 901, content: '<s>x', special: false, normalized: false, single_word: false, lstrip: false, rstrip: false },
    { id: 902, content: 'é<', special: false, normalized: true, single_word: false, lstrip: false, rstrip: false },
  ],
  normalizer: null,
  pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
  post_processor: null,
  decoder: null,
  model: {
    type: 'BPE',
    dropout: null,
    unk_token: null,
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    fuse_unk: false,
    byte_fallback: false,
    ignore_merges: false,
    vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
    merges,
  },
}
const byteLevel = { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: false }
const variants = {
  'a GPT-2 pattern': tiny,
  'a space put before the text': { ...tiny, pre_tokenizer: { ...tiny.pre_tokenizer, add_prefix_space: true } },
  'words taken from the vocabulary first': { ...tiny, model: { ...tiny.model, ignore_merges: true } },
  'merges written as pairs': { ...tiny, model: { ...tiny.model, merges: merges.map((merge) => merge.split(' ')) } },
  'a normal form': { ...tiny, normalizer: { type: 'NFC' } },
  'single digits and literal separators': {
    ...tiny,
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Digits', individual_digits: true },
        { type: 'Split', pattern: { String: 'b' }, behavior: 'Isolated', invert: false },
        { type: 'Split', pattern: { Regex: '(?i:ca)|\\s+' }, behavior: 'Isolated', invert: false },
        byteLevel,
      ],
    },
  },
}
const tinyText = fc
  .array(
    fc.constantFrom('a', 'b', 'c', 'C', ' ', '  ', '\n', '1', '12', 'é', 'e\u0301', '<s>', '<s>x', '<', "'s", '٣'),
    {
      maxLength: 30,
    },
  )
  .map((pieces) => pieces.join(''))

/** Merges of two letters and of what they make, in any order: also with a merge before those that make its parts. */
const mergeLists = fc
  .tuple(fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 1, maxLength: 12 }), fc.infiniteStream(fc.nat()))
  .map(([picks, places]) => {
    const made = ['a', 'b']
    const merges = new Map<string, [string, string]>()
    for (const [left, right] of picks) {
      const pair: [string, string] = [made[left % made.length]!, made[right % made.length]!]
      if (pair.join('').length > 12) continue
      merges.set(pair.join(' '), pair)
      made.push(pair.join(''))
    }
    const order = new Map([...merges.keys()].map((key) => [key, places.next().value]))
    return [...merges].sort(([one], [other]) => order.get(one)! - order.get(other)!).map(([, pair]) => pair)
  })
const longPiece = fc
  .tuple(fc.constantFrom('a', 'b', 'ab', 'aab', 'abb', 'abab'), fc.integer({ min: 1, max: 60 }))
  .map(([letters, times]) => letters.repeat(times))

describe('bpeCounter of other byte-level tokenizers', () => {
  for (const [name, json] of Object.entries(variants)) {
    it(`counts as the native library does with ${name}`, async () => {
      const count = bpeCounter(json)
      const native = nativeCounter(JSON.stringify(json))
      await fc.assert(
        fc.asyncProperty(tinyText, async (text) => {
          expect(count(text)).toBe(await native(text))
        }),
        { numRuns: 300 },
      )
    })
  }

  it('merges long words in the order of any list of merges, as the native library does', async () => {
    await fc.assert(
      fc.asyncProperty(mergeLists, fc.array(longPiece, { minLength: 1, maxLength: 6 }), async (merges, pieces) => {
        const vocab = new Set([...byteAlphabet, ...merges.map(([left, right]) => left + right)])
        const model = { ...tiny.model, vocab: Object.fromEntries([...vocab].map((token, id) => [token, id])), merges }
        const json = { ...tiny, added_tokens: [], model }
        const text = pieces.join('')
        expect(bpeCounter(json)(text)).toBe(await nativeCounter(JSON.stringify(json))(text))
      }),
      { numRuns: 200 },
    )
  })

  it.each([
    [{}, 'model'],
    [{ ...tiny, model: { ...tiny.model, type: 'Unigram' } }, 'model.type'],
    [{ ...tiny, model: { ...tiny.model, unk_token: '<unk>' } }, 'model.unk_token'],
    [{ ...tiny, normalizer: { type: 'Prepend', prepend: '▁' } }, 'normalizer.type'],
    [{ ...tiny, pre_tokenizer: { type: 'Metaspace' } }, 'pre_tokenizer.type'],
    [{ ...tiny, model: { ...tiny.model, merges: ['a z9'] } }, 'z9'],
    [{ ...tiny, model: { ...tiny.model, vocab: { a: 0, b: 1, ab: 2 }, merges: ['a b'] } }, 'byte'],
  ])('refuses a tokenizer of another kind and names what is different: %#', (json, named) => {
    expect(() => bpeCounter(json)).toThrow(RangeError)
    expect(() => bpeCounter(json)).toThrow(named)
  })
})
