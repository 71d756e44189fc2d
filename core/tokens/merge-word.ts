import type { MergeTable } from './merge-table.ts'
import { numberHeap } from './number-heap.ts'

/** Positions in a word stay below this, so that rank and position fit in one exact number. */
const positions = 2 ** 32

/**
 * How many tokens are left of a word, given as the tokens of its bytes, when the best merge, leftmost first, is done
 * until none is left. O(n log n) by a heap of merges that may have gone stale. Overwrites `symbols`.
 */
export function mergeWord(symbols: Int32Array, table: MergeTable): number {
  const { length } = symbols
  const next = Int32Array.from(symbols, (_, at) => (at + 1 < length ? at + 1 : -1))
  const previous = Int32Array.from(symbols, (_, at) => at - 1)
  const heap = numberHeap()
  const offer = (at: number): void => {
    if (at === -1 || next[at] === -1) return
    const slot = table.slotOf(symbols[at]!, symbols[next[at]!]!)
    if (slot !== -1) heap.push(table.rank[slot]! * positions + at)
  }
  for (let at = 0; at < length - 1; at++) offer(at)
  let tokens = length
  for (let top = heap.pop(); top !== undefined; top = heap.pop()) {
    const at = top % positions
    const behind = next[at]!
    if (behind === -1 || symbols[at] === -1) continue
    const slot = table.slotOf(symbols[at]!, symbols[behind]!)
    if (slot === -1 || table.rank[slot] !== (top - at) / positions) continue
    symbols[at] = table.token[slot]!
    symbols[behind] = -1
    next[at] = next[behind]!
    if (next[at] !== -1) previous[next[at]!] = at
    tokens--
    offer(previous[at]!)
    offer(at)
  }
  return tokens
}
