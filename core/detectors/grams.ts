import type { Word } from './reading.ts'

/** Words as numbers, the same for equal words; one numbering may serve several texts. */
export function wordNumbers(words: readonly Word[], numbers = new Map<string, number>()): number[] {
  return words.map(({ text }) => numberOf(numbers, text))
}

/** Runs of `size` words as numbers, the same for equal runs when the same `runs` serve; size is a power of two, or 3. */
export function gramNumbers(words: readonly number[], size: 2 | 3 | 4, runs: GramNumbers): number[] {
  const pairs = joined(words, words, 1, runs.pairs)
  if (size === 2) return pairs
  return size === 3 ? joined(pairs, words, 2, runs.triples) : joined(pairs, pairs, 2, runs.fours)
}

/** Numberings of runs of words. */
export interface GramNumbers {
  pairs: Map<number, number>
  triples: Map<number, number>
  fours: Map<number, number>
}

/** Numberings without a run. */
export function noGrams(): GramNumbers {
  return { pairs: new Map(), triples: new Map(), fours: new Map() }
}

/** The number of the neighbours first[i] and second[i + shift]; exact below 2^26 different ones. */
function joined(first: readonly number[], second: readonly number[], shift: number, numbers: Map<number, number>) {
  const result: number[] = []
  for (let at = 0; at + shift < second.length && at < first.length; at++)
    result.push(numberOf(numbers, first[at]! * 2 ** 26 + second[at + shift]!))
  return result
}

function numberOf<Key>(numbers: Map<Key, number>, key: Key): number {
  const known = numbers.get(key)
  if (known !== undefined) return known
  numbers.set(key, numbers.size)
  return numbers.size - 1
}
