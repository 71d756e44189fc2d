import { charClass, unitClasses } from './char-class.ts'
import type { WhitelistedSpan } from './whitelist.ts'

/** Most characters that are looked at before a `:` or `@`. */
const reach = { scheme: 32, mailbox: 64 }

/** The URL whose `://` has its colon at `colon`; its scheme is not looked for before `floor`. */
export function urlAtColon(text: string, colon: number, floor: number): WhitelistedSpan | null {
  if (!text.startsWith('//', colon + 1)) return null
  let start = colon
  const least = Math.max(floor, colon - reach.scheme)
  while (start > least && isSchemeUnit(text.charCodeAt(start - 1))) start--
  while (start < colon && !isAsciiLetter(text.charCodeAt(start))) start++
  if (start === colon) return null
  const end = urlEnd(text, colon + 3)
  return end === colon + 3 ? null : { start, end }
}

/** The URL without a scheme that begins with `www.` at `start`. */
export function urlAtWww(text: string, start: number): WhitelistedSpan | null {
  if (text.slice(start, start + 4).toLowerCase() !== 'www.' || isAsciiWord(text.charCodeAt(start - 1))) return null
  const end = urlEnd(text, start + 4)
  return end === start + 4 ? null : { start, end }
}

/** The e-mail address around the `@` at `at`; its mailbox is not looked for before `floor`. */
export function emailAt(text: string, at: number, floor: number): WhitelistedSpan | null {
  let start = at
  const least = Math.max(floor, at - reach.mailbox)
  while (start > least && isMailboxUnit(text.charCodeAt(start - 1))) start--
  while (start < at && text[start] === '.') start++
  if (start === at) return null
  let end = at + 1
  while (end - at < 254 && isHostUnit(text.charCodeAt(end))) end++
  while (text[end - 1] === '.' || text[end - 1] === '-') end--
  const host = text.slice(at + 1, end)
  return /^[^.]/.test(host) && /\.[A-Za-z]{2,63}$/.test(host) && !host.includes('..') ? { start, end } : null
}

/** Where a URL whose host begins at `start` ends: before white space, quotes and brackets, without final punctuation. */
function urlEnd(text: string, start: number): number {
  let end = start
  const unclosed = { round: 0, square: 0 }
  for (; end < text.length && isUrlUnit(text.charCodeAt(end)); end++) {
    if (text[end] === '(') unclosed.round++
    else if (text[end] === ')') unclosed.round--
    else if (text[end] === '[') unclosed.square++
    else if (text[end] === ']') unclosed.square--
  }
  for (; end > start; end--) {
    const last = text[end - 1]!
    if (last === ')' && unclosed.round < 0) unclosed.round++
    else if (last === ']' && unclosed.square < 0) unclosed.square++
    else if (!".,;:!?'*_~".includes(last)) break
  }
  return end
}

const urlBorder = new Set(Array.from('<>"`{}|\\^،؛؟«»“”‘’…。、，', (char) => char.charCodeAt(0)))

function isUrlUnit(unit: number): boolean {
  return unit > 0x20 && !urlBorder.has(unit) && unitClasses[unit] !== charClass.space
}

function isAsciiLetter(unit: number): boolean {
  return (unit >= 0x41 && unit <= 0x5a) || (unit >= 0x61 && unit <= 0x7a)
}

function isAsciiWord(unit: number): boolean {
  return isAsciiLetter(unit) || (unit >= 0x30 && unit <= 0x39)
}

function isSchemeUnit(unit: number): boolean {
  return isAsciiWord(unit) || unit === 0x2b || unit === 0x2d || unit === 0x2e
}

function isHostUnit(unit: number): boolean {
  return isAsciiWord(unit) || unit === 0x2d || unit === 0x2e
}

function isMailboxUnit(unit: number): boolean {
  return isHostUnit(unit) || unit === 0x5f || unit === 0x25 || unit === 0x2b
}
