import type { MergeTable } from './merge-table.ts'
import { type NumberHeap, popNumber, pushNumber } from './number-heap.ts'

/** Below this many symbols looking at all pairs for every merge is faster than keeping them sorted. */
const short = 32

/**
 * How many tokens are left of a word, given as the tokens of its bytes, when the best merge, leftmost first, is done
 * until none is left. O(n log n) where, as in trained models, a merge comes after those that make its parts. Overwrites
 * `symbols`.
 */
export function mergeWord(symbols: Int32Array, table: MergeTable): number {
  return symbols.length <= short ? mergeShort(symbols, table) : mergeLong(symbols, table)
}

function mergeShort(symbols: Int32Array, table: MergeTable): number {
  let length = symbols.length
  for (;;) {
    let best = -1
    let bestSlot = -1
    for (let at = 0; at + 1 < length; at++) {
      const slot = table.slotOf(symbols[at]!, symbols[at + 1]!)
      if (slot !== -1 && (best === -1 || table.rank[slot]! < table.rank[bestSlot]!)) {
        best = at
        bestSlot = slot
      }
    }
    if (best === -1) return length
    symbols[best] = table.token[bestSlot]!
    symbols.copyWithin(best + 1, best + 2, length)
    length--
  }
}

/** Places that wait for a merge, by its rank: a heap of ranks, and for each rank its places. */
interface Waiting {
  ranks: NumberHeap
  places: Map<number, number[]>
}

function addPlace({ ranks, places }: Waiting, rank: number, at: number): void {
  const list = places.get(rank)
  if (list !== undefined) list.push(at)
  else {
    places.set(rank, [at])
    pushNumber(ranks, rank)
  }
}

/** All places of a rank, from left to right. They come in nearly sorted, which sorting makes use of. */
function takePlaces({ places }: Waiting, rank: number): number[] {
  const list = places.get(rank)!
  places.delete(rank)
  return isSorted(list) ? list : list.sort((a, b) => a - b)
}

function isSorted(list: number[]): boolean {
  for (let i = 1; i < list.length; i++) if (list[i]! < list[i - 1]!) return false
  return true
}

/** Long words repeat few merges many times, so all places of one rank are merged in one pass. */
function mergeLong(symbols: Int32Array, table: MergeTable): number {
  const { length } = symbols
  const next = new Int32Array(length)
  const previous = new Int32Array(length)
  for (let at = 0; at < length; at++) {
    next[at] = at + 1 < length ? at + 1 : -1
    previous[at] = at - 1
  }
  const waiting: Waiting = { ranks: [], places: new Map() }
  const offer = (at: number): void => {
    if (at === -1 || next[at] === -1) return
    const slot = table.slotOf(symbols[at]!, symbols[next[at]!]!)
    if (slot !== -1) addPlace(waiting, table.rank[slot]!, at)
  }
  for (let at = 0; at < length - 1; at++) offer(at)
  let tokens = length
  for (let rank = popNumber(waiting.ranks); rank !== undefined; rank = popNumber(waiting.ranks)) {
    const places = takePlaces(waiting, rank)
    for (let i = 0; i < places.length; i++) {
      const at = places[i]!
      const behind = next[at]!
      if (behind === -1 || symbols[at] === -1) continue
      const slot = table.slotOf(symbols[at]!, symbols[behind]!)
      // Stale: one of the two has been merged with another neighbour since.
      if (slot === -1 || table.rank[slot] !== rank) continue
      symbols[at] = table.token[slot]!
      symbols[behind] = -1
      next[at] = next[behind]!
      if (next[at] !== -1) previous[next[at]!] = at
      tokens--
      offer(previous[at]!)
      offer(at)
      if ((waiting.ranks[0] ?? rank) >= rank) continue
      // A better merge has come up: the rest of this rank waits for it.
      for (const left of places.slice(i + 1)) addPlace(waiting, rank, left)
      break
    }
  }
  return tokens
}
