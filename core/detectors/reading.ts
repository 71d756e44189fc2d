import { whitelistedSpans } from '../metrics/whitelist.ts'
import type { Pair } from './detector.ts'
import { unit, wordUnits } from './letters.ts'

/** A word outside of code, links, mathematics and sentinels. */
export interface Word {
  /** In lower case. */
  text: string
  start: number
  end: number
  /** The `unit` of its first letter or digit. */
  script: number
  /** Whether it is of Latin letters and has no capital. */
  isLower: boolean
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

const known = new WeakMap<Pair, { source: Reading; target: Reading }>()

/** The words of both texts of a pair; read once for all detectors. */
export function readingsOf(pair: Pair): { source: Reading; target: Reading } {
  let readings = known.get(pair)
  if (readings === undefined) {
    readings = { source: readWords(pair.source), target: readWords(pair.target) }
    known.set(pair, readings)
  }
  return readings
}

/** The words of a text. Linear. */
export function readWords(text: string): Reading {
  const spans = whitelistedSpans(text)
  const reading: Reading = { words: [], counts: new Uint32Array(8), chars: 0, spans }
  let at = 0
  for (const { start, end } of spans) {
    readRange(text, at, start, reading)
    at = end
  }
  readRange(text, at, text.length, reading)
  const { counts } = reading
  reading.chars = counts.reduce((sum, count) => sum + count, 0) - counts[unit.mark]!
  return reading
}

function readRange(text: string, from: number, to: number, { words, counts }: Reading): void {
  for (let at = from; at < to; at++) {
    if (text.charCodeAt(at) === sentinel.open) at = sentinelEnd(text, at)
    const first = wordUnits[text.charCodeAt(at)]!
    if (first === 0 || first === unit.mark) continue
    const start = at
    for (let here = first; at < to && here !== 0; here = wordUnits[text.charCodeAt(at)]!) {
      counts[here]!++
      at++
    }
    const word = text.slice(start, at)
    const lower = word.toLowerCase()
    words.push({ text: lower, start, end: at, script: first, isLower: first === unit.latin && word === lower })
    at--
  }
}

const sentinel = { open: '⟦'.charCodeAt(0), close: '⟧' }

/** The closing bracket of a sentinel such as ⟦12⟧, or the opening one when it is none. */
function sentinelEnd(text: string, open: number): number {
  const close = text.slice(open, open + 12).indexOf(sentinel.close)
  return close === -1 ? open : open + close
}
