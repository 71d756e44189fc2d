import { whitelistedSpans } from '../metrics/whitelist.ts'
import { unitReader } from '../unit-reader.ts'
import type { Pair } from './detector.ts'
import { unit, wordUnits } from './letters.ts'

/** A stretch of a text that counts as one. */
export interface Token {
  text: string
  start: number
  end: number
}

/** A word outside of code, links, mathematics and sentinels; its text is in lower case. */
export interface Word extends Token {
  /** The `unit` of its first letter or digit. */
  script: number
  /** Whether it is of Latin letters and has no capital. */
  isLower: boolean
  /** Whether a hyphen, slash, underscore, dot or colon joins it to a neighbour, without a space. */
  isPiece: boolean
}

/** A text as words, with how many letters and digits of each `unit` it has. */
export interface Reading {
  words: Word[]
  counts: Uint32Array
  /** Letters and digits. */
  chars: number
  /** Stretches that are no words: code, links, mathematics, sentinels. */
  spans: readonly { start: number; end: number }[]
}

const unitsOf = unitReader()
/** A WeakMap would keep every pair's readings until the collection after the next one: V8 takes its values for alive. */
let last: { pair: Pair; readings: Readings } | undefined

interface Readings {
  source: Reading
  target: Reading
}

/** The words of both texts of a pair; read once for all detectors, which look at one pair after the other. */
export function readingsOf(pair: Pair): Readings {
  if (last?.pair !== pair) {
    last = { pair, readings: { source: readWords(pair.source), target: readWords(pair.target) } }
  }
  return last.readings
}

/** The words of a text. Linear. */
export function readWords(text: string): Reading {
  const spans = whitelistedSpans(text)
  const reading: Reading = { words: [], counts: new Uint32Array(8), chars: 0, spans }
  const scan: Scan = { text, units: unitsOf(text), ...reading }
  let at = 0
  for (const { start, end } of spans) {
    readRange(scan, at, start)
    at = end
  }
  readRange(scan, at, text.length)
  const { counts } = reading
  reading.chars = counts.reduce((sum, count) => sum + count, 0) - counts[unit.mark]!
  return reading
}

interface Scan extends Pick<Reading, 'words' | 'counts'> {
  text: string
  units: Uint16Array
}

/** In lower case, unit by unit: a few capitals have small letters of two units. */
function lowerWord(word: string): string {
  const lower = word.toLowerCase()
  return lower.length === word.length ? lower : Array.from(word, lowerOrSame).join('')
}

/** Whether a unit may be of a capital letter: not one of ASCII's small letters and digits, nor one of the Arabic block. */
function mayBeCapital(char: number): boolean {
  return char < 0x80 ? char >= 0x41 && char <= 0x5a : char < 0x600 || char > 0x6ff
}

function lowerOrSame(char: string): string {
  const lower = char.toLowerCase()
  return lower.length === char.length ? lower : char
}

/** The words of a text and its stretches of code, links and mathematics, each of which is one token, in their order. */
export function tokensOf(text: string, { words, spans }: Reading): Token[] {
  if (spans.length === 0) return words
  const tokens: Token[] = []
  let span = 0
  for (const word of words) {
    for (; span < spans.length && spans[span]!.start < word.start; span++) tokens.push(tokenOf(text, spans[span]!))
    tokens.push(word)
  }
  for (; span < spans.length; span++) tokens.push(tokenOf(text, spans[span]!))
  return tokens
}

function tokenOf(text: string, { start, end }: { start: number; end: number }): Token {
  return { text: text.slice(start, end), start, end }
}

function readRange({ text, units, words, counts }: Scan, from: number, to: number): void {
  for (let at = from; at < to; at++) {
    if (units[at] === sentinel.open) at = sentinelEnd(text, at)
    const first = wordUnits[units[at]!]!
    if (first === 0 || first === unit.mark) continue
    const start = at
    let isCased = false
    for (let here = first; at < to && here !== 0; here = wordUnits[units[at]!]!) {
      counts[here]!++
      isCased ||= mayBeCapital(units[at]!)
      at++
    }
    const written = text.slice(start, at)
    const word = isCased ? lowerWord(written) : written
    const isLower = first === unit.latin && word === written
    const isPiece = isJoint(units, start - 1, text.length) || isJoint(units, at, text.length)
    words.push({ text: word, start, end: at, script: first, isLower, isPiece })
    at--
  }
}

/** Whether a place has a joint with pieces of words on both sides. */
function isJoint(units: Uint16Array, at: number, length: number): boolean {
  if (at < 0 || at >= length) return false
  const char = units[at]!
  if (char !== 0x2d && char !== 0x2f && char !== 0x5f && char !== 0x2e && char !== 0x3a) return false
  return (at === 0 || wordUnits[units[at - 1]!] !== 0) && (at + 1 >= length || wordUnits[units[at + 1]!] !== 0)
}

const sentinel = { open: '⟦'.charCodeAt(0), close: '⟧' }

/** The closing bracket of a sentinel such as ⟦12⟧, or the opening one when it is none. */
function sentinelEnd(text: string, open: number): number {
  const close = text.slice(open, open + 12).indexOf(sentinel.close)
  return close === -1 ? open : open + close
}
