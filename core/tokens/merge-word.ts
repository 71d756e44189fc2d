import type { MergeTable } from './merge-table.ts'

/**
 * How many tokens are left of a word, given as the tokens of its bytes, when the best merge, leftmost first, is done until none is left;
 * they stand first in `symbols` then. Looks at all pairs for every merge, which is the fastest for few. `onMerge` is told of each one:
 * its slot in the table, its place, and how many tokens there were before.
 */
export function mergeWord(
  symbols: Int32Array,
  table: MergeTable,
  onMerge?: (slot: number, at: number, length: number) => void,
): number {
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
    onMerge?.(bestSlot, best, length)
    symbols[best] = table.token[bestSlot]!
    symbols.copyWithin(best + 1, best + 2, length)
    length--
  }
}
