import type { Token } from './reading.ts'

/** Words as numbers, the same for equal words; one numbering may serve several texts. */
export function wordNumbers(words: readonly Token[], numbers = new Map<string, number>()): number[] {
  return words.map(({ text }) => numberOf(numbers, text))
}

/** Runs of three words as numbers, the same for equal runs when the same `runs` serve. */
export function tripleNumbers(words: readonly number[], runs: TripleNumbers): number[] {
  return joined(joined(words, words, 1, runs.pairs), words, 2, runs.triples)
}

/** Numberings of runs of two and of three words. */
export interface TripleNumbers {
  pairs: Map<number, number>
  triples: Map<number, number>
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

/**
 * How many different runs of four words there are, by their hashes of 32 bits: of a million runs some hundred may be taken for
 * others, of a chunk's none.
 */
export function distinctRuns(words: readonly number[]): number {
  const count = words.length - 3
  if (count <= 0) return 0
  const bits = Math.ceil(Math.log2(2 * count + 1))
  const table = new Uint32Array(2 ** bits)
  const mask = table.length - 1
  let distinct = 0
  for (let at = 0; at < count; at++) {
    let hash = 0
    for (let k = 0; k < 4; k++) hash = Math.imul(hash ^ words[at + k]!, 0x9e3779b1) ^ (hash >>> 15)
    hash = (hash ^ (hash >>> 16)) >>> 0 || 1
    let place = hash & mask
    while (table[place] !== 0 && table[place] !== hash) place = (place + 1) & mask
    if (table[place] === 0) {
      table[place] = hash
      distinct++
    }
  }
  return distinct
}
