import { codeSpanFinder } from '../conversation/code-span.ts'
import { fenceReader } from '../conversation/fence.ts'
import { forwardFinder } from '../conversation/forward-finder.ts'
import { unitReader } from '../unit-reader.ts'
import { emailAt, urlAtColon, urlAtWww } from './link-spans.ts'
import { bracketMath, dollarMath, type MathEnd } from './math-spans.ts'

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
  const read = spanReader(text)
  const spans: WhitelistedSpan[] = []
  const units = unitsOf(text)
  const { length } = text
  let floor = 0
  for (let at = 0; ; ) {
    while (at < length && !mayBegin(units, at)) at++
    if (at >= length) return spans
    const found = read(at, floor)
    if (typeof found === 'number') at = found
    else {
      spans.push(found)
      at = found.end
      floor = found.end
    }
  }
}

const [slash, smallW, capitalW, smallT] = [0x2f, 0x77, 0x57, 0x74]
/** What stands at a place may begin or betray a span: always, in front of a slash, of another w, or of `think>` or `/think>`. */
const trigger = { none: 0, always: 1, slash: 2, www: 3, tag: 4 } as const
const triggers = new Uint8Array(0x10000)
for (const char of '`~\n$\\@') triggers[char.charCodeAt(0)] = trigger.always
triggers[':'.charCodeAt(0)] = trigger.slash
triggers['<'.charCodeAt(0)] = trigger.tag
triggers[smallW] = trigger.www
triggers[capitalW] = trigger.www

function mayBegin(units: Uint16Array, at: number): boolean {
  const found = triggers[units[at]!]!
  if (found <= trigger.always) return found === trigger.always
  const next = units[at + 1]
  if (found === trigger.www) return next === smallW || next === capitalW
  return next === slash || (found === trigger.tag && next === smallT)
}

/** Reads on from a place where a span can begin; what it takes to read one of a kind is only made for a text that may have some. */
function spanReader(text: string): Reader {
  let code: ReturnType<typeof codeReaders> | undefined
  let dollarEnd: MathEnd | undefined
  let bracketEnd: MathEnd | undefined
  return (at, floor) => {
    const char = text[at]
    if (char === '\n') return code ? code.newline(at, floor) : at + 1
    if (char === '`' || char === '~' || char === '<') {
      code ??= codeReaders(text, text.lastIndexOf('\n', at) + 1)
      return char === '<' ? code.tag(at, floor) : code.mark(at, floor)
    }
    if (char === '$') {
      dollarEnd ??= dollarMath(text)
      return spanOr(at, dollarEnd(at), text[at + 1] === '$' ? at + 2 : at + 1)
    }
    if (char === '\\') {
      const next = text[at + 1]
      if (next !== '(' && next !== '[') return next === '\n' ? at + 1 : at + 2
      bracketEnd ??= bracketMath(text)
      return spanOr(at, bracketEnd(at), at + 2)
    }
    const link =
      char === ':' ? urlAtColon(text, at, floor) : char === '@' ? emailAt(text, at, floor) : urlAtWww(text, at)
    return link ?? at + 1
  }
}

function spanOr(start: number, end: number, goOn: number): Found {
  return end === -1 ? goOn : { start, end }
}

/** Readers of code, which follow where lines and thinking begin. */
function codeReaders(text: string, firstLine: number): { mark: Reader; tag: Reader; newline: Reader } {
  const fenceEnd = fenceReader(text, forwardFinder(text, '</think>'))
  const codeEnd = codeSpanFinder(text)
  let lineStart = firstLine
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
