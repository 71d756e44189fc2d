import type { TokenNeighbours } from './token-neighbours.ts'
import { longestToken, type TokenTrie } from './token-trie.ts'

/** Counts the tokens of a word, given as its bytes. */
export type ByteCounter = (bytes: Uint8Array) => number

/** Tokens of the beginning of a word, any two neighbours of which may meet. */
interface Path {
  bytes: Uint8Array
  count: number
  tokens: Int32Array
  /** By place in the path: where the token ends, and behind which byte nothing had been looked at when it came there. */
  ends: Int32Array
  looked: Int32Array
}

const longestKept = 2 ** 17
/** Between stretches that begin at one place the cutter counts two others. */
const remembered = 3

/**
 * A counter for long words. Byte pair encoding makes the one row of tokens of which each two neighbours are what it makes of their bytes
 * alone (Berglund and van der Merwe 2023), so that no merging is needed to find it: the token that stands before once more, else the
 * longest one that may follow, else the next shorter one; where none may, the one before is taken back. No place is come to twice: linear
 * in the word. One that begins as one of the last did, as a text's stretches do for which a length is sought, is gone on with.
 */
export function longWordCounter(trie: TokenTrie, neighbours: TokenNeighbours): ByteCounter {
  const { length, shorter } = trie
  const paths = Array.from({ length: remembered }, () => pathOf(0))
  let isDead = new Uint8Array(0)

  const fits = (token: number, start: number, before: number): boolean =>
    isDead[start + length[token]!] === 0 &&
    neighbours.isMade(token) &&
    (before === -1 || neighbours.mayMeet(before, token))

  /** The first token from this one down that may be next, the one before once more first of all; -1 when none may. */
  const next = (longest: number, start: number, before: number, isFirst: boolean): number => {
    if (isFirst && before !== -1 && begins(trie, longest, before) && fits(before, start, before)) return before
    let token = longest
    while (token !== -1 && (token === before || !fits(token, start, before))) token = shorter[token]!
    return token
  }

  /** Goes on with a path to its word's end. */
  const finish = (path: Path): void => {
    const { bytes, tokens, ends, looked } = path
    let { count } = path
    let furthest = count === 0 ? 0 : looked[count - 1]!
    let back = -1
    for (;;) {
      const end = count === 0 ? 0 : ends[count - 1]!
      if (end === bytes.length) break
      const before = count === 0 ? -1 : tokens[count - 1]!
      let longest = -1
      // The one before is tried out of its turn.
      if (back === -1 || back === before) {
        longest = longestToken(trie, bytes, end)
        furthest = Math.max(furthest, trie.looked)
      } else longest = shorter[back]!
      const token = next(longest, end, before, back === -1)
      if (token === -1) {
        isDead[end] = 1
        back = tokens[--count]!
      } else {
        tokens[count] = token
        ends[count] = end + length[token]!
        looked[count++] = furthest
        back = -1
      }
    }
    path.count = count
  }

  return (bytes) => {
    const path = longestIn(paths, bytes)
    isDead = new Uint8Array(bytes.length + 1)
    finish(path)
    if (bytes.length > longestKept) paths[0] = pathOf(0)
    return path.count
  }
}

/** Whether a token begins with another, or is it. */
function begins({ shorter, length }: TokenTrie, longest: number, token: number): boolean {
  let at = longest
  while (at !== -1 && length[at]! > length[token]!) at = shorter[at]!
  return at === token
}

function pathOf(room: number): Path {
  const [tokens, ends, looked] = [new Int32Array(room), new Int32Array(room), new Int32Array(room)]
  return { bytes: new Uint8Array(0), count: 0, tokens, ends, looked }
}

/** How many tokens of a path were found without looking at what is different in a word. */
function keptTokens({ bytes, count, looked }: Path, word: Uint8Array): number {
  const most = Math.min(bytes.length, word.length)
  let same = 0
  while (same < most && bytes[same] === word[same]) same++
  let kept = count
  while (kept > 0 && looked[kept - 1]! > same) kept--
  return kept
}

/** Of paths, the last used first, the one that has most of a word, or else the one used longest ago, begun with what it has. */
function longestIn(paths: Path[], word: Uint8Array): Path {
  let best = paths.length - 1
  let most = 0
  for (let at = 0; at < paths.length; at++) {
    const kept = keptTokens(paths[at]!, word)
    if (kept > most) {
      best = at
      most = kept
    }
  }
  const path = paths[best]!
  paths.copyWithin(1, 0, best)
  paths[0] = path
  begin(path, word, most)
  return path
}

/** Makes a path one of another word, with so many tokens of its own. */
function begin(path: Path, word: Uint8Array, count: number): void {
  path.bytes = word
  path.count = count
  if (path.tokens.length >= word.length) return
  for (const list of ['tokens', 'ends', 'looked'] as const) {
    const longer = new Int32Array(2 * word.length)
    longer.set(path[list].subarray(0, count))
    path[list] = longer
  }
}
