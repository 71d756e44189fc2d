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

/** A merge and the places that wait for it. */
interface Merge {
  left: number
  right: number
  token: number
  places: number[]
}

/** Merges that have places, by rank, and a heap of their ranks. */
interface Waiting {
  ranks: NumberHeap
  merges: Map<number, Merge>
  /** The one that got a place last: long words have few, many times one after the other. */
  last: Merge | undefined
}

/** Where every symbol's neighbours are; -1 for none. */
interface Chain {
  symbols: Int32Array
  next: Int32Array
  previous: Int32Array
}

/** Puts the pair that begins at a place among those that wait, if it merges. */
function offer(waiting: Waiting, { symbols, next }: Chain, table: MergeTable, at: number): void {
  if (at === -1 || next[at] === -1) return
  const left = symbols[at]!
  const right = symbols[next[at]!]!
  const { last } = waiting
  if (last !== undefined && last.left === left && last.right === right) {
    last.places.push(at)
    return
  }
  const slot = table.slotOf(left, right)
  if (slot === -1) return
  const rank = table.rank[slot]!
  let merge = waiting.merges.get(rank)
  if (merge === undefined) {
    merge = { left, right, token: table.token[slot]!, places: [] }
    waiting.merges.set(rank, merge)
    pushNumber(waiting.ranks, rank)
  }
  waiting.last = merge
  merge.places.push(at)
}

/** The merge of a rank with all its places from left to right. They come in nearly sorted, which sorting makes use of. */
function takeMerge(waiting: Waiting, rank: number): Merge {
  const merge = waiting.merges.get(rank)!
  waiting.merges.delete(rank)
  if (waiting.last === merge) waiting.last = undefined
  if (!isSorted(merge.places)) merge.places.sort((a, b) => a - b)
  return merge
}

function isSorted(list: number[]): boolean {
  for (let i = 1; i < list.length; i++) if (list[i]! < list[i - 1]!) return false
  return true
}

/** Whether the pair that a merge makes with another of its left parts merges before all else that is left. */
function goesFirst({ left, token }: Merge, rank: number, table: MergeTable): boolean {
  const slot = table.slotOf(token, left)
  return slot !== -1 && table.rank[slot]! < rank
}

/** Long words repeat few merges many times, so all places of one rank are merged in one pass. */
function mergeLong(symbols: Int32Array, table: MergeTable): number {
  const chain = chainOf(symbols)
  const { next, previous } = chain
  const waiting: Waiting = { ranks: [], merges: new Map(), last: undefined }
  for (let at = 0; at < symbols.length - 1; at++) offer(waiting, chain, table, at)
  let tokens = symbols.length
  for (let rank = popNumber(waiting.ranks); rank !== undefined; rank = popNumber(waiting.ranks)) {
    const merge = takeMerge(waiting, rank)
    const { left, right, token, places } = merge
    const mayWait = !goesFirst(merge, rank, table)
    let held = -1
    for (let i = 0; i < places.length; i++) {
      const at = places[i]!
      const behind = next[at]!
      // Stale: one of the two has been merged with another neighbour since.
      if (behind === -1 || symbols[at] !== left || symbols[behind] !== right) continue
      symbols[at] = token
      symbols[behind] = -1
      next[at] = next[behind]!
      if (next[at] !== -1) previous[next[at]!] = at
      tokens--
      if (held !== previous[at]) offer(waiting, chain, table, held)
      offer(waiting, chain, table, previous[at]!)
      // The symbol behind is most often merged next, and is looked at then, as the one before.
      held = mayWait && next[at] !== -1 && symbols[next[at]!] === left ? at : -1
      if (held === -1) offer(waiting, chain, table, at)
      if ((waiting.ranks[0] ?? rank) >= rank) continue
      // A better merge has come up: the rest of this rank waits for it.
      for (const place of places.slice(i + 1)) offer(waiting, chain, table, place)
      break
    }
    offer(waiting, chain, table, held)
  }
  return tokens
}

/** Every symbol beside its neighbours. */
function chainOf(symbols: Int32Array): Chain {
  const { length } = symbols
  const next = new Int32Array(length)
  const previous = new Int32Array(length)
  for (let at = 0; at < length; at++) {
    next[at] = at + 1 < length ? at + 1 : -1
    previous[at] = at - 1
  }
  return { symbols, next, previous }
}
