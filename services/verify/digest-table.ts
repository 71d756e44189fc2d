import { createHash } from 'node:crypto'

/** Digests by conversation, 48 bytes each and at most four times that in all, whatever the ids and texts are. */
export interface DigestTable {
  /** Adds a digest of 32 bytes; several of one id count together, in whatever order they come. */
  add(id: string, digest: Uint8Array): void
  has(id: string): boolean
  /** Whether both tables have the id, or neither, and with the same digests. */
  agrees(other: DigestTable, id: string): boolean
  /** How the tables differ, by ids. */
  against(other: DigestTable): Comparison
  /** The eight words of a key's digests; undefined where there are none. */
  find(key: Uint32Array): Uint32Array | undefined
  /** Every key with its digests. */
  entries(): Iterable<[key: Uint32Array, sum: Uint32Array]>
}

/** Ids of two tables. */
export interface Comparison {
  /** Ids that both have, with other digests. */
  changed: number
  onlyHere: number
  onlyThere: number
  /** Ids that any of the two has. */
  all: number
}

const keyWords = 4
const slotWords = keyWords + 8
const fullest = 0.7

/** An empty table. Ids are known by 128 bits of their SHA-256: two of them in one place do not happen. */
export const digestTable = (): DigestTable => {
  let slots = 1024
  let words = new Uint32Array(slots * slotWords)
  let used = 0
  const placeOf = (key: Uint32Array): number => {
    for (let slot = key[1]! % slots; ; slot = (slot + 1) % slots) {
      const at = slot * slotWords
      if (isEmpty(words, at) || key.every((word, i) => words[at + i] === word)) return at
    }
  }
  const sumAt = (at: number) => words.subarray(at + keyWords, at + slotWords)
  const grow = (): void => {
    const before = words
    slots *= 2
    words = new Uint32Array(slots * slotWords)
    for (const [key, sum] of entriesOf(before)) {
      const at = placeOf(key)
      words.set(key, at)
      words.set(sum, at + keyWords)
    }
  }
  const find = (key: Uint32Array): Uint32Array | undefined => {
    const at = placeOf(key)
    return isEmpty(words, at) ? undefined : sumAt(at)
  }
  return {
    find,
    add(id, digest) {
      if (used + 1 > slots * fullest) grow()
      const key = keyOf(id)
      const at = placeOf(key)
      if (isEmpty(words, at)) {
        words.set(key, at)
        used++
      }
      // Addition, unlike exclusive or, does not take two equal ones for none.
      for (const [i, word] of wordsOf(digest).entries()) words[at + keyWords + i]! += word
    },
    has: (id) => find(keyOf(id)) !== undefined,
    agrees(other, id) {
      const key = keyOf(id)
      return areEqual(find(key), other.find(key))
    },
    against(other) {
      const counts: Comparison = { changed: 0, onlyHere: 0, onlyThere: 0, all: used }
      for (const [key, sum] of entriesOf(words)) {
        const theirs = other.find(key)
        if (!theirs) counts.onlyHere++
        else if (!areEqual(sum, theirs)) counts.changed++
      }
      for (const [key] of other.entries()) if (!find(key)) counts.onlyThere++
      counts.all += counts.onlyThere
      return counts
    },
    entries: () => entriesOf(words),
  }
}

function* entriesOf(words: Uint32Array): Generator<[key: Uint32Array, sum: Uint32Array]> {
  for (let at = 0; at < words.length; at += slotWords)
    if (!isEmpty(words, at)) yield [words.subarray(at, at + keyWords), words.subarray(at + keyWords, at + slotWords)]
}

/** A key's first word is never zero. */
const isEmpty = (words: Uint32Array, at: number): boolean => words[at] === 0

const keyOf = (id: string): Uint32Array => {
  const key = wordsOf(createHash('sha256').update(id).digest()).slice(0, keyWords)
  key[0] = key[0]! | 1
  return key
}

const wordsOf = (digest: Uint8Array): Uint32Array => {
  const view = new DataView(digest.buffer, digest.byteOffset, digest.byteLength)
  return Uint32Array.from({ length: digest.byteLength / 4 }, (_, i) => view.getUint32(i * 4))
}

const areEqual = (a: Uint32Array | undefined, b: Uint32Array | undefined): boolean =>
  a === undefined || b === undefined ? a === b : a.every((word, i) => word === b[i])
