import { byteAlphabet } from './byte-alphabet.ts'

/** The tokens of a vocabulary, to be found by their bytes. The node of a token has its number, other nodes have those from `tokens` on. */
export interface TokenTrie {
  tokens: number
  /** By token: its length in bytes, and the longest other token that it begins with, or -1. */
  length: Int32Array
  shorter: Int32Array
  /** The bytes of a token. */
  bytesOf(token: number): Uint8Array
  /** The tokens of the bytes. */
  root: Int32Array
  edges: Edges
  /** Behind the last byte that was looked at for the token found last; one more than there are bytes if more could have changed it. */
  looked: number
}

/** Builds it from the tokens' texts in the alphabet of bytes; what has other letters is left out. Each byte must have a token. */
export function tokenTrie(vocab: ReadonlyMap<string, number>): TokenTrie {
  const tokens = 1 + [...vocab.values()].reduce((most, token) => Math.max(most, token), 0)
  const length = new Int32Array(tokens)
  const shorter = new Int32Array(tokens).fill(-1)
  const root = Int32Array.from(byteAlphabet, (letter) => vocab.get(letter)!)
  const edges = edgesOf(2 * vocab.size)
  const texts: string[] = []
  let nodes = tokens
  for (const [text, token] of byLength(vocab)) {
    const bytes = bytesOf(text)
    if (bytes === undefined) continue
    texts[token] = text
    length[token] = bytes.length
    let node = root[bytes[0]!]!
    for (let at = 1; at < bytes.length; at++) {
      if (node < tokens) shorter[token] = node
      const child = childOf(edges, node, bytes[at]!)
      node = child !== -1 ? child : addChild(edges, node, bytes[at]!, at + 1 === bytes.length ? token : nodes++)
    }
  }
  return { tokens, bytesOf: (token) => bytesOf(texts[token]!)!, length, shorter, root, edges, looked: 0 }
}

/** The longest token that stands at a place of bytes. */
export function longestToken(trie: TokenTrie, bytes: Uint8Array, start: number): number {
  let found = trie.root[bytes[start]!]!
  let at = start + 1
  for (let node = found; at < bytes.length; at++) {
    node = childOf(trie.edges, node, bytes[at]!)
    if (node === -1) break
    if (node < trie.tokens) found = node
  }
  trie.looked = at + 1
  return found
}

/** The shorter ones first: then a token is there before those that begin with it. */
function byLength(vocab: ReadonlyMap<string, number>): [string, number][] {
  const lists: [string, number][][] = []
  for (const entry of vocab) {
    lists[entry[0].length] ??= []
    lists[entry[0].length]!.push(entry)
  }
  return lists.flat()
}

const byteOf: ReadonlyMap<string, number> = new Map(byteAlphabet.map((letter, byte) => [letter, byte]))

/** Undefined for a text that is not written in the alphabet of bytes, or empty. */
function bytesOf(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(text.length)
  for (let at = 0; at < text.length; at++) {
    const byte = byteOf.get(text[at]!)
    if (byte === undefined) return undefined
    bytes[at] = byte
  }
  return text === '' ? undefined : bytes
}

/** A hash table of numbers, key and child beside each other. */
interface Edges {
  table: Int32Array
  count: number
}

function edgesOf(least: number): Edges {
  return { table: new Int32Array(2 ** Math.ceil(Math.log2(least + 1)) * 2).fill(-1), count: 0 }
}

/** Where the edge stands, or would. First looked for near the node's others, which are looked for with it. */
function placeOf(table: Int32Array, node: number, byte: number): number {
  const mask = table.length - 2
  const key = keyOf(node, byte)
  const mixed = Math.imul(node, 0x9e3779b1)
  let place = ((mixed ^ (mixed >>> 15)) + 2 * byte) & mask
  if (table[place + 1] === -1 || table[place] === key) return place
  const step = (Math.imul(key, 0x85ebca6b) >>> 7) | 2
  do place = (place + step) & mask
  while (table[place + 1] !== -1 && table[place] !== key)
  return place
}

/** Nodes are fewer than 2 ** 24, so that no two have the same key. */
const keyOf = (node: number, byte: number): number => (node << 8) | byte

function childOf({ table }: Edges, node: number, byte: number): number {
  return table[placeOf(table, node, byte) + 1]!
}

function addChild(edges: Edges, node: number, byte: number, child: number): number {
  if (16 * edges.count++ > 5 * edges.table.length) grow(edges)
  edges.table.set([keyOf(node, byte), child], placeOf(edges.table, node, byte))
  return child
}

function grow(edges: Edges): void {
  const { table } = edges
  edges.table = new Int32Array(2 * table.length).fill(-1)
  for (let at = 0; at < table.length; at += 2)
    if (table[at + 1] !== -1)
      edges.table.set(table.subarray(at, at + 2), placeOf(edges.table, table[at]! >>> 8, table[at]! & 0xff))
}
