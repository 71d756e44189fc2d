/** Counts the tokens of the word at `start`..`end` of a text. */
export type WordCounter = (text: string, start: number, end: number) => number

const slots = 2 ** 17
const longest = 40

/**
 * Remembers the tokens of up to 131,072 words of at most 40 UTF-16 units, at most about 20 MB. A word is looked up where it
 * stands, without a string of its own, which costs more than the look-up; one of another word at the same slot gives way.
 */
export function wordCache(count: (word: string) => number): WordCounter {
  const words: (string | undefined)[] = new Array(slots).fill(undefined)
  const tokens = new Int32Array(slots)
  return (text, start, end) => {
    if (end - start > longest) return count(text.slice(start, end))
    const slot = hash(text, start, end) & (slots - 1)
    const known = words[slot]
    if (known !== undefined && known.length === end - start && text.startsWith(known, start)) return tokens[slot]!
    // A slice of a long text keeps the whole text in memory; a slice of a new string does not.
    const word = ` ${text.slice(start, end)}`.slice(1)
    words[slot] = word
    tokens[slot] = count(word)
    return tokens[slot]!
  }
}

/** FNV-1a over UTF-16 units, folded so that the low bits depend on all of them. */
function hash(text: string, start: number, end: number): number {
  let mixed = 0x811c9dc5
  for (let at = start; at < end; at++) mixed = Math.imul(mixed ^ text.charCodeAt(at), 0x01000193)
  return mixed ^ (mixed >>> 15)
}
