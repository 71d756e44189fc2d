import { codeSpanFinder } from '../conversation/code-span.ts'
import { fenceReader } from '../conversation/fence.ts'
import { forwardFinder } from '../conversation/forward-finder.ts'
import { unitReader } from '../unit-reader.ts'
import { emailAt, urlAtColon, urlAtWww } from './link-spans.ts'
import { bracketMath, dollarMath } from './math-spans.ts'

/** A stretch of a text that need not be Arabic, in UTF-16 units. */
export interface WhitelistedSpan {
  start: number
  end: number
}

/** What is found at a place: a span, or where to go on. */
type Found = WhitelistedSpan | number
type Reader = (at: number, floor: number) => Found

const unitsOf = unitReader()

/**
 * The URLs, e-mail addresses, fenced and inline code and mathematics of a text, in order and without overlap; of two
 * that overlap the one that opens first counts. Linear: every kind is looked for once, however often it opens.
 */
export function whitelistedSpans(text: string): WhitelistedSpan[] {
  const readers = readersOf(text)
  const spans: WhitelistedSpan[] = []
  const units = unitsOf(text)
  const { length } = text
  let floor = 0
  for (let at = 0; ; ) {
    while (at < length && triggers[units[at]!] === 0) at++
    if (at >= length) return spans
    const reader = readers(text[at]!)
    const found = reader(at, floor)
    if (typeof found === 'number') at = found
    else {
      spans.push(found)
      at = found.end
      floor = found.end
    }
  }
}

const triggers = Uint8Array.from({ length: 0x10000 }, (_, unit) =>
  '`~<\n$\\:@wW'.includes(String.fromCharCode(unit)) ? 1 : 0,
)

/** A reader for every character that can begin or betray a span: those of `triggers`. */
function readersOf(text: string): (char: string) => Reader {
  const { mark, tag, newline } = codeReaders(text)
  const dollarEnd = dollarMath(text)
  const bracketEnd = bracketMath(text)
  const link = (find: (at: number, floor: number) => WhitelistedSpan | null): Reader => {
    return (at, floor) => find(at, floor) ?? at + 1
  }
  const dollar: Reader = (at) => spanOr(at, dollarEnd(at), text[at + 1] === '$' ? at + 2 : at + 1)
  const backslash: Reader = (at) => {
    const next = text[at + 1]
    if (next === '(' || next === '[') return spanOr(at, bracketEnd(at), at + 2)
    return next === '\n' ? at + 1 : at + 2
  }
  const colon = link((at, floor) => urlAtColon(text, at, floor))
  const address = link((at, floor) => emailAt(text, at, floor))
  const www = link((at) => urlAtWww(text, at))
  return (char) => {
    if (char === '\n') return newline
    if (char === '`' || char === '~') return mark
    if (char === '<') return tag
    if (char === '$') return dollar
    if (char === '\\') return backslash
    if (char === ':') return colon
    return char === '@' ? address : www
  }
}

function spanOr(start: number, end: number, goOn: number): Found {
  return end === -1 ? goOn : { start, end }
}

/** Readers of code, which follow where lines and thinking begin. */
function codeReaders(text: string): { mark: Reader; tag: Reader; newline: Reader } {
  const fenceEnd = fenceReader(text, forwardFinder(text, '</think>'))
  const codeEnd = codeSpanFinder(text)
  let lineStart = 0
  let triedLine = -1
  let thinking = false
  const newlineAt = forwardFinder(text, '\n')
  const fence = (floor: number): number => {
    while (newlineAt(lineStart) < floor) lineStart = newlineAt(lineStart) + 1
    if (triedLine === lineStart) return -1
    triedLine = lineStart
    return lineStart < floor ? -1 : fenceEnd(lineStart, thinking)
  }
  const mark: Reader = (at, floor) => {
    const char = text[at]!
    let behind = at + 1
    while (text[behind] === char) behind++
    const end = behind - at < 3 ? -1 : fence(floor)
    if (end !== -1) return { start: at, end }
    return spanOr(at, char === '`' ? codeEnd(at, behind - at) : -1, behind)
  }
  const tag: Reader = (at) => {
    const opens = text.startsWith('<think>', at)
    if (!opens && !text.startsWith('</think>', at)) return at + 1
    thinking = opens
    lineStart = at + (opens ? 7 : 8)
    return lineStart
  }
  const newline: Reader = (at) => {
    lineStart = at + 1
    return lineStart
  }
  return { mark, tag, newline }
}
