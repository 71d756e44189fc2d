import type { TokenCounter } from '../chunking/chunk.ts'
import { byteAlphabet } from './byte-alphabet.ts'
import { type ByteCounter, longWordCounter } from './long-word.ts'
import { mergeTable } from './merge-table.ts'
import { mergeWord } from './merge-word.ts'
import { type Merging, symbolsOf } from './token-history.ts'
import { tokenNeighbours } from './token-neighbours.ts'
import { tokenTrie } from './token-trie.ts'
import { readTokenizerJson, type TokenizerJson } from './tokenizer-json.ts'
import { wordCache } from './word-cache.ts'
import { literalRegex, type OnWord, wordSplitter } from './word-splitter.ts'

/**
 * Makes a counter from a parsed tokenizer.json of a byte-level BPE model (Llama 3, Qwen, GPT-2 and their like). It counts
 * what the `tokenizers` library does without adding special tokens; special tokens written in the text count as one.
 * Linear in the text, also when it is a single word. Throws a RangeError for a tokenizer of another kind.
 */
export function bpeCounter(tokenizerJson: unknown): TokenCounter {
  const tokenizer = readTokenizerJson(tokenizerJson)
  const splitWords = wordSplitter(tokenizer.steps)
  const countWord = wordCache(wordCounter(tokenizer))
  const splitAdded = addedSplitter(tokenizer)
  let tokens = 0
  const addWord: OnWord = (whole, start, end, units) => {
    tokens += countWord(whole, start, end, units)
  }
  const addPiece: OnPiece = (piece, isToken) => {
    if (isToken) tokens++
    else splitWords(piece, addWord)
  }
  return (text) => {
    tokens = 0
    splitAdded(text, addPiece)
    return tokens
  }
}

type OnPiece = (piece: string, isToken: boolean) => void
type AddedSplitter = (text: string, onPiece: OnPiece) => void

/** Cuts out the added tokens that are looked for in the text as it is, then normalizes, then cuts out the others. */
function addedSplitter({ added, normalForm }: TokenizerJson): AddedSplitter {
  const normalize = (text: string): string => (normalForm === null ? text : text.normalize(normalForm))
  const contents = (normalized: boolean): string[] =>
    added
      .filter((token) => token.normalized === normalized && token.content !== '')
      .map((token) => (normalized ? normalize(token.content) : token.content))
  const inNormalized = splitByTokens(contents(true), (text, onPiece) => onPiece(text, false))
  return splitByTokens(contents(false), (text, onPiece) => inNormalized(normalize(text), onPiece))
}

function splitByTokens(tokens: string[], next: AddedSplitter): AddedSplitter {
  if (tokens.length === 0) return next
  const regex = literalRegex(tokens)
  const prefix = commonPrefix(tokens)
  return (text, onPiece) => {
    // Nearly no text has any, and looking for the prefix is many times as fast as the pattern of all of them.
    if (!text.includes(prefix)) return text === '' ? undefined : next(text, onPiece)
    let at = 0
    for (const match of text.matchAll(regex)) {
      if (match.index > at) next(text.slice(at, match.index), onPiece)
      onPiece(match[0], true)
      at = match.index + match[0].length
    }
    if (at < text.length) next(text.slice(at), onPiece)
  }
}

function commonPrefix([first = '', ...others]: string[]): string {
  let length = first.length
  while (others.some((text) => !text.startsWith(first.slice(0, length)))) length--
  return first.slice(0, length)
}

/** Bytes as a vocabulary writes them. */
function written(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at++) text += byteAlphabet[bytes[at]!]
  return text
}

/** Up to this many bytes words are merged, which is the fastest. */
const short = 64
/** Few longer ones are too: only behind so many looks at pairs it pays to make what they are counted with. */
const mostLooks = 2 ** 25

function wordCounter(tokenizer: TokenizerJson): TokenCounter {
  const vocab = new Map(Object.entries(tokenizer.vocab))
  const table = mergeTable(tokenizer.merges, vocab)
  const byteTokens = Int32Array.from(byteAlphabet, (char) => {
    const id = vocab.get(char)
    if (id === undefined)
      throw new RangeError(`reading a tokenizer.json: model.vocab has no token for the byte ${char}`)
    return id
  })
  let longest = 0
  if (tokenizer.ignoreMerges) for (const token of vocab.keys()) longest = Math.max(longest, token.length)
  const encoder = new TextEncoder()
  let looks = 0
  let countLong: ByteCounter | undefined
  return (word) => {
    const bytes = encoder.encode(word)
    if (bytes.length <= longest && vocab.has(written(bytes))) return 1
    if (bytes.length > short) looks += bytes.length ** 2 / 2
    if (bytes.length <= short || looks < mostLooks) return mergeWord(symbolsOf(byteTokens, bytes), table)
    countLong ??= longCounter(vocab, { table, byteTokens })
    return countLong(bytes)
  }
}

function longCounter(vocab: Map<string, number>, merges: Pick<Merging, 'table' | 'byteTokens'>): ByteCounter {
  const trie = tokenTrie(vocab)
  return longWordCounter(trie, tokenNeighbours({ ...merges, tokens: trie.tokens, bytesOf: trie.bytesOf }))
}
