import type { MergeTable } from './merge-table.ts'
import { mergeWord } from './merge-word.ts'

/** How a token is made of its bytes: not looked at yet, by merges each of which ranks behind the one before, in another order, or not. */
export const made = { unknown: 0, inOrder: 1, outOfOrder: 2, never: 3 } as const

/**
 * Numbers that are known of a token: how it is made; the parts and the rank of the merge that makes it last; its first and last byte, and
 * the ranks of the merges that take them. A single byte has no parts, rank -1, and is taken at `neverTaken`.
 */
export const field = { made: 0, left: 1, right: 2, rank: 3, first: 4, firstTaken: 5, last: 6, lastTaken: 7 } as const
/** How many these are. */
export const fields = 8
/** Above every rank. */
export const neverTaken = 0x7fffffff

/** The history of every token, as far as it was looked at. */
export interface TokenHistory {
  /** `fields` numbers each. */
  known: Int32Array
  /** How a token is made; the numbers of it are known then. */
  look(token: number): number
}

/** What the history of tokens is read from. */
export interface Merging {
  table: MergeTable
  tokens: number
  /** The tokens of the bytes. */
  byteTokens: Int32Array
  /** The bytes of a token. */
  bytesOf(token: number): Uint8Array
}

/** Makes one that knows nothing yet. */
export function tokenHistory(merging: Merging): TokenHistory {
  const known = new Int32Array(merging.tokens * fields)
  return { known, look: (token) => known[token * fields] || read(known, merging, token) }
}

/** The tokens of bytes, given those of each. */
export function symbolsOf(byteTokens: Int32Array, bytes: Uint8Array): Int32Array {
  const symbols = new Int32Array(bytes.length)
  for (let at = 0; at < bytes.length; at++) symbols[at] = byteTokens[bytes[at]!]!
  return symbols
}

function read(known: Int32Array, merging: Merging, token: number): number {
  const { rank, left, right } = merging.table
  const bytes = merging.bytesOf(token)
  const symbols = symbolsOf(merging.byteTokens, bytes)
  let last = -1
  let isInOrder = true
  let firstTaken: number = neverTaken
  let lastTaken: number = neverTaken
  const count = mergeWord(symbols, merging.table, (slot, at, length) => {
    if (last !== -1 && rank[slot]! < rank[last]!) isInOrder = false
    if (at === 0 && firstTaken === neverTaken) firstTaken = rank[slot]!
    if (at + 2 === length && lastTaken === neverTaken) lastTaken = rank[slot]!
    last = slot
  })
  const how = count > 1 || symbols[0] !== token ? made.never : isInOrder ? made.inOrder : made.outOfOrder
  const merge = last === -1 ? [-1, -1, -1] : [left[last]!, right[last]!, rank[last]!]
  known.set([how, ...merge, bytes[0]!, firstTaken, bytes.at(-1)!, lastTaken], token * fields)
  return how
}
