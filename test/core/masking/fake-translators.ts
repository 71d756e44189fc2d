import type { Masked } from '../../../core/masking/mask.ts'

/** A number below `limit`; the same sequence for the same seed. */
export type Random = (limit: number) => number

/** Numbers by the generator mulberry32. */
export function seededRandom(seed: number): Random {
  let state = seed
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }
}

/** A masked text as words and tokens in turn, words first and last. */
export function wordsAndTokens({ text, sentinels }: Masked): string[] {
  const parts: string[] = []
  let at = 0
  for (const { token } of sentinels) {
    const start = text.indexOf(token, at)
    parts.push(text.slice(at, start), token)
    at = start + token.length
  }
  return [...parts, text.slice(at)]
}

/** Latin letters as Arabic ones. */
export function transliterated(words: string): string {
  return words.replace(/[A-Za-z]/g, (letter) => String.fromCharCode(0x628 + (letter.toLowerCase().charCodeAt(0) % 17)))
}

/** A translator that copies sentinels. */
export function goodAnswer(masked: Masked): string {
  return wordsAndTokens(masked)
    .map((part, index) => (index % 2 === 0 ? transliterated(part) : part))
    .join('')
}

/** What translators do to sentinels: each changes the token at an odd place, or several of them. */
export const damages: Record<string, (parts: string[], at: number, random: Random) => void> = {
  drops: (parts, at) => parts.splice(at, 1, ''),
  doubles: (parts, at, random) => parts.splice(random(parts.length), 0, parts[at]!),
  swaps: (parts, at, random) => {
    const other = 1 + 2 * random((parts.length - 1) / 2)
    const token = parts[at]!
    parts[at] = parts[other]!
    parts[other] = token
  },
  'localises digits': (parts, at) => {
    parts[at] = parts[at]!.replace(/\d/g, (digit) => String.fromCharCode(0x660 + Number(digit)))
  },
  'writes Persian digits': (parts, at) => {
    parts[at] = parts[at]!.replace(/\d/g, (digit) => String.fromCharCode(0x6f0 + Number(digit)))
  },
  'adds spaces': (parts, at) => {
    parts[at] = parts[at]!.replace(/\d+/, ' $&\u00a0')
  },
  'adds bidi marks': (parts, at) => {
    parts[at] = parts[at]!.replace(/\d+/, '\u200f$&\u200e')
  },
  'mirrors brackets': (parts, at) => {
    parts[at] = Array.from(parts[at]!, (char) => ({ '⟦': '⟧', '⟧': '⟦' })[char] ?? char).join('')
  },
  'cuts the front': (parts, at) => {
    parts[at] = parts[at]!.slice(1)
  },
  'cuts the back': (parts, at) => {
    parts[at] = parts[at]!.slice(0, -1)
  },
  'adds a part': (parts, at, random) => {
    parts[random(parts.length)] += parts[at]!.slice(random(2), -1)
  },
  'merges two': (parts, at, random) => {
    const other = 1 + 2 * random((parts.length - 1) / 2)
    parts[at] = parts[at]!.replace(/\d+/, `$&${/\d+/.exec(parts[other]!)?.[0] ?? ''}`)
  },
  'changes the number': (parts, at, random) => {
    parts[at] = parts[at]!.replace(/\d+/, String(random(30)))
  },
  'lowers the case': (parts, at) => {
    parts[at] = parts[at]!.toLowerCase()
  },
  'loses all': (parts) => {
    for (let at = 1; at < parts.length; at += 2) parts[at] = ''
  },
  'tears apart': (parts, at, random) => {
    const middle = 1 + random(2)
    parts[at] = `${parts[at]!.slice(0, middle)} نص ${parts[at]!.slice(middle)}`
  },
}

/** An answer of a translator that does one to three of these things, and their names. */
export function damagedAnswer(masked: Masked, random: Random): { answer: string; done: string[] } {
  const parts = wordsAndTokens(masked).map((part, index) => (index % 2 === 0 ? transliterated(part) : part))
  const names = Object.keys(damages)
  const done = Array.from({ length: 1 + random(3) }, () => names[random(names.length)]!)
  for (const name of done) damages[name]!(parts, 1 + 2 * random((parts.length - 1) / 2), random)
  return { answer: parts.join(''), done }
}
