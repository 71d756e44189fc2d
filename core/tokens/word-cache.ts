/** Counts the tokens of the word at `start`..`end` of a text, whose units stand in `units`. */
export type WordCounter = (text: string, start: number, end: number, units: Uint16Array) => number

const slots = 2 ** 17
/** One line of a processor's cache, in 32-bit numbers: a hash, length and tokens, and the units in pairs. */
const slotInts = 16
const headInts = 2
const longest = 2 * (slotInts - headInts)

/**
 * Remembers the tokens of up to 131,072 words of at most 28 UTF-16 units, in 8 MiB. A word is looked up where it stands, without a
 * string of its own, which costs more than the look-up; one of another word at the same slot gives way.
 */
export function wordCache(count: (word: string) => number): WordCounter {
  const table = new Int32Array(slots * slotInts)
  const pairs = new Int32Array(longest / 2)
  return (text, start, end, units) => {
    const length = end - start
    if (length > longest) return count(text.slice(start, end))
    let mixed = 0x811c9dc5
    let filled = 0
    for (let at = start; at < end; at += 2) {
      const pair = units[at]! | (at + 1 < end ? units[at + 1]! << 16 : 0)
      pairs[filled++] = pair
      mixed = Math.imul(mixed ^ pair, 0x01000193)
      mixed ^= mixed >>> 15
    }
    const slot = (mixed & (slots - 1)) * slotInts
    const known = table[slot + 1]!
    if (table[slot] === mixed && known >>> 16 === length && equals(table, slot + headInts, pairs, filled))
      return known & 0xffff
    const tokens = count(text.slice(start, end))
    table[slot] = mixed
    table[slot + 1] = (length << 16) | tokens
    for (let n = 0; n < filled; n++) table[slot + headInts + n] = pairs[n]!
    return tokens
  }
}

function equals(table: Int32Array, at: number, pairs: Int32Array, filled: number): boolean {
  for (let n = 0; n < filled; n++) if (table[at + n] !== pairs[n]) return false
  return true
}
