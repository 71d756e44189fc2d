import { mergeWord } from './merge-word.ts'
import { field, fields, type Merging, made, neverTaken, symbolsOf, tokenHistory } from './token-history.ts'

/** What merging makes of tokens' bytes. */
export interface TokenNeighbours {
  /** Whether merging makes the token of its own bytes: some vocabularies have tokens that it never makes. */
  isMade(token: number): boolean
  /** Whether merging makes just these two, both of which it makes, of the bytes of both. */
  mayMeet(left: number, right: number): boolean
}

/** Looks at the merges of a table. */
export function tokenNeighbours(merging: Merging): TokenNeighbours {
  const { table } = merging
  const { known, look } = tokenHistory(merging)
  const ranks = byteRanks(merging)
  const meetMerged = mergedMeet(merging)

  /** Nine of ten pairs that do not meet are told by the bytes on both sides. */
  const bytesMerge = (left: number, right: number): boolean => {
    const rank = ranks[(known[left + field.last]! << 8) | known[right + field.first]!]!
    return rank < known[left + field.lastTaken]! && rank <= known[right + field.firstTaken]!
  }

  /**
   * Goes back through the merges that make both, the latest first. At each step the last part of the left one and the first of the right
   * one are neighbours: if they merge before either is taken by what stands on its other side, the two tokens never come to be.
   */
  const mayMeet = (left: number, right: number): boolean => {
    if (look(left) !== made.inOrder || look(right) !== made.inOrder) return meetMerged(left, right)
    if (bytesMerge(left * fields, right * fields)) return false
    let a = left
    let b = right
    let aTaken: number = neverTaken
    let bTaken: number = neverTaken
    for (;;) {
      const aRank = known[a * fields + field.rank]!
      const bRank = known[b * fields + field.rank]!
      // Both are bytes.
      if (aRank === -1 && bRank === -1) return true
      const slot = table.slotOf(a, b)
      if (slot !== -1) {
        const rank = table.rank[slot]!
        // A merge that ranks before those that make its parts is done when these are.
        if (rank < aRank || rank < bRank) return meetMerged(left, right)
        // Of merges of one rank the leftmost is first.
        if (rank < aTaken && rank <= bTaken) return false
      }
      if (aRank > bRank) {
        aTaken = aRank
        a = known[a * fields + field.right]!
        look(a)
      } else {
        bTaken = bRank
        b = known[b * fields + field.left]!
        look(b)
      }
    }
  }

  return { isMade: (token) => look(token) !== made.never, mayMeet }
}

/** The rank of the merge of each two bytes. */
function byteRanks({ table, byteTokens }: Merging): Int32Array {
  const ranks = new Int32Array(2 ** 16)
  for (let pair = 0; pair < ranks.length; pair++) {
    const slot = table.slotOf(byteTokens[pair >> 8]!, byteTokens[pair & 0xff]!)
    ranks[pair] = slot === -1 ? neverTaken : table.rank[slot]!
  }
  return ranks
}

/** Answers that are remembered at once. */
const mostAnswers = 2 ** 16

/** Tells by merging the bytes of both. */
function mergedMeet(merging: Merging): TokenNeighbours['mayMeet'] {
  const answers = new Map<number, boolean>()
  return (left, right) => {
    const key = left * merging.tokens + right
    const known = answers.get(key)
    if (known !== undefined) return known
    const symbols = symbolsOf(
      merging.byteTokens,
      Uint8Array.from([...merging.bytesOf(left), ...merging.bytesOf(right)]),
    )
    const answer = mergeWord(symbols, merging.table) === 2 && symbols[0] === left && symbols[1] === right
    if (answers.size >= mostAnswers) answers.clear()
    answers.set(key, answer)
    return answer
  }
}
