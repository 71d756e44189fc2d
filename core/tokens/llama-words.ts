import { markUnits, unitTable } from '../unit-table.ts'

const patternOf = (numbers: string): string =>
  `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${numbers}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`

/** Where the word that begins at a place ends, in the first `length` units of a text. */
export type WordEnd = (units: Uint16Array, at: number, length: number) => number

/** Patterns of Llama 3 and Qwen 2, and the most digits of their words. */
const digitsOf = new Map([
  [patternOf('\\p{N}{1,3}'), 3],
  [patternOf('\\p{N}'), 1],
])

const kind = { other: 0, letter: 1, number: 2, space: 3, newline: 4, pair: 5 } as const
const [newline, carriageReturn, space, apostrophe] = [0x0a, 0x0d, 0x20, 0x27]

/**
 * The same words as the pattern of a tokenizer.json gives, if it is one of those that we know, by reading on from unit to unit, which
 * takes half the time of a regular expression, and no word is too long for it.
 */
export function knownWordEnd(pattern: string): WordEnd | undefined {
  const digits = digitsOf.get(pattern)
  return digits === undefined ? undefined : (units, at, length) => wordEnd(units, at, length, digits)
}

function wordEnd(units: Uint16Array, at: number, length: number, digits: number): number {
  const unit = units[at]!
  // Most words are letters, most of them behind a space.
  if (kinds[unit] === kind.letter) return lettersEnd(units, at + 1, length)
  if (unit === space && at + 1 < length && kinds[units[at + 1]!] === kind.letter)
    return lettersEnd(units, at + 2, length)
  if (unit === apostrophe) {
    const end = contractionEnd(units, at + 1, length)
    if (end !== -1) return end
  }
  const first = kindAt(units, at, length)
  const second = at + sizeAt(units, at, length)
  if (first === kind.letter) return lettersEnd(units, second, length)
  if (first === kind.number) return runEnd(units, second, length, kind.number, digits - 1)
  if (first !== kind.newline && kindAt(units, second, length) === kind.letter) return lettersEnd(units, second, length)
  const marks = unit === space ? second : at
  const end = runEnd(units, marks, length, kind.other)
  return end > marks ? runEnd(units, end, length, kind.newline) : spaceEnd(units, at, length)
}

function lettersEnd(units: Uint16Array, start: number, length: number): number {
  let at = start
  while (at < length && kinds[units[at]!] === kind.letter) at++
  return at < length && kinds[units[at]!] === kind.pair ? runEnd(units, at, length, kind.letter) : at
}

/** White space ends behind its last line break; else before its last character, which goes to the word behind it, unless it is alone. */
function spaceEnd(units: Uint16Array, at: number, length: number): number {
  let end = at
  let broken = at
  for (; end < length; end++) {
    const found = kinds[units[end]!]
    if (found === kind.newline) broken = end + 1
    else if (found !== kind.space) break
  }
  if (broken > at) return broken
  return end === length || end === at + 1 ? end : end - 1
}

function runEnd(units: Uint16Array, start: number, length: number, wanted: number, most = length): number {
  let at = start
  for (let left = most; left > 0 && at < length; left--) {
    const found = kinds[units[at]!]!
    if (found === wanted) at++
    else if (found === kind.pair && kindAt(units, at, length) === wanted) at += sizeAt(units, at, length)
    else break
  }
  return at
}

/** Behind the letters of 's, 't, 're, 've, 'm, 'll and 'd in either case; -1 when there are others. */
function contractionEnd(units: Uint16Array, at: number, length: number): number {
  if (at >= length) return -1
  const first = lower(units[at]!)
  // The long s folds to s.
  if (first === 's' || first === 't' || first === 'm' || first === 'd' || first === '\u017f') return at + 1
  const second = at + 1 < length ? lower(units[at + 1]!) : ''
  if ((first === 'r' || first === 'v') && second === 'e') return at + 2
  return first === 'l' && second === 'l' ? at + 2 : -1
}

function lower(unit: number): string {
  return String.fromCharCode(unit >= 0x41 && unit <= 0x5a ? unit + 0x20 : unit)
}

/** The kind of the code point at a place; a half of a surrogate pair alone, as what lies behind the end, is none. */
function kindAt(units: Uint16Array, at: number, length: number): number {
  if (at >= length) return kind.other
  const found = kinds[units[at]!]!
  if (found !== kind.pair) return found
  if (sizeAt(units, at, length) === 1) return kind.other
  const char = String.fromCharCode(units[at]!, units[at + 1]!)
  return /\p{L}/u.test(char) ? kind.letter : /\p{N}/u.test(char) ? kind.number : kind.other
}

function sizeAt(units: Uint16Array, at: number, length: number): number {
  const isPair = isHigh(units[at]!) && at + 1 < length && isLow(units[at + 1]!)
  return isPair ? 2 : 1
}

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit < 0xdc00
const isLow = (unit: number): boolean => unit >= 0xdc00 && unit < 0xe000

/** The kind of every unit. */
const kinds: Uint8Array = kindTable()

function kindTable(): Uint8Array {
  const table = unitTable()
  markUnits(table, /\p{L}+/gu, kind.letter)
  markUnits(table, /\p{N}+/gu, kind.number)
  markUnits(table, /\p{White_Space}+/gu, kind.space)
  table[newline] = kind.newline
  table[carriageReturn] = kind.newline
  table.fill(kind.pair, 0xd800, 0xe000)
  return table
}
