import { type CodeSpanFinder, codeSpanFinder } from '../conversation/code-span.ts'
import { type FenceReader, fenceReader } from '../conversation/fence.ts'
import { type Finder, forwardFinder } from '../conversation/forward-finder.ts'
import { unitReader } from '../unit-reader.ts'
import { emailAt, urlAtColon, urlAtWww } from './link-spans.ts'
import { type BracketScan, bracketEnd, bracketScan, type DollarScan, dollarEnd, dollarScan } from './math-spans.ts'

/** A stretch of a text that need not be Arabic, in UTF-16 units. */
export interface WhitelistedSpan {
  start: number
  end: number
}

/** What is found at a place: a span, or where to go on. */
type Found = WhitelistedSpan | number

/** What it takes to read the spans of a text; of each kind it is made only for a text that may have some. */
interface Scan {
  text: string
  code: CodeScan | undefined
  dollars: DollarScan | undefined
  brackets: BracketScan | undefined
}

/** Where lines and thinking begin, for code. */
interface CodeScan {
  fenceEnd: FenceReader
  spanEnd: CodeSpanFinder
  newlineAt: Finder
  lineStart: number
  triedLine: number
  thinking: boolean
}

const unitsOf = unitReader()

/**
 * The URLs, e-mail addresses, fenced and inline code and mathematics of a text, in order and without overlap; of two
 * that overlap the one that opens first counts. Linear: every kind is looked for once, however often it opens.
 */
export function whitelistedSpans(text: string): WhitelistedSpan[] {
  const scan: Scan = { text, code: undefined, dollars: undefined, brackets: undefined }
  const spans: WhitelistedSpan[] = []
  const units = unitsOf(text)
  const { length } = text
  let floor = 0
  for (let at = 0; ; ) {
    while (at < length && !mayBegin(units, at)) at++
    if (at >= length) return spans
    const found = readSpan(scan, at, floor)
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

/** Reads on from a place where a span can begin. */
function readSpan(scan: Scan, at: number, floor: number): Found {
  const { text } = scan
  const char = text[at]
  if (char === '\n') {
    if (scan.code) scan.code.lineStart = at + 1
    return at + 1
  }
  if (char === '`' || char === '~' || char === '<') {
    scan.code ??= codeScan(text, text.lastIndexOf('\n', at) + 1)
    return char === '<' ? readTag(text, scan.code, at) : readMark(text, scan.code, at, floor)
  }
  if (char === '$') {
    scan.dollars ??= dollarScan(text)
    return spanOr(at, dollarEnd(scan.dollars, at), text[at + 1] === '$' ? at + 2 : at + 1)
  }
  if (char === '\\') {
    const next = text[at + 1]
    if (next !== '(' && next !== '[') return next === '\n' ? at + 1 : at + 2
    scan.brackets ??= bracketScan(text)
    return spanOr(at, bracketEnd(scan.brackets, at), at + 2)
  }
  const link = char === ':' ? urlAtColon(text, at, floor) : char === '@' ? emailAt(text, at, floor) : urlAtWww(text, at)
  return link ?? at + 1
}

function spanOr(start: number, end: number, goOn: number): Found {
  return end === -1 ? goOn : { start, end }
}

function codeScan(text: string, lineStart: number): CodeScan {
  return {
    fenceEnd: fenceReader(text, forwardFinder(text, '</think>')),
    spanEnd: codeSpanFinder(text),
    newlineAt: forwardFinder(text, '\n'),
    lineStart,
    triedLine: -1,
    thinking: false,
  }
}

/** A run of backticks or tildes: fenced code, inline code, or neither. */
function readMark(text: string, code: CodeScan, at: number, floor: number): Found {
  const char = text[at]!
  let behind = at + 1
  while (text[behind] === char) behind++
  const end = behind - at < 3 ? -1 : fenceEnd(code, floor)
  if (end !== -1) return { start: at, end }
  return spanOr(at, char === '`' ? code.spanEnd(at, behind - at) : -1, behind)
}

/** The end of the fence that opens on the present line, which is tried once. */
function fenceEnd(code: CodeScan, floor: number): number {
  while (code.newlineAt(code.lineStart) < floor) code.lineStart = code.newlineAt(code.lineStart) + 1
  if (code.triedLine === code.lineStart) return -1
  code.triedLine = code.lineStart
  return code.lineStart < floor ? -1 : code.fenceEnd(code.lineStart, code.thinking)
}

function readTag(text: string, code: CodeScan, at: number): Found {
  const opens = text.startsWith('<think>', at)
  if (!opens && !text.startsWith('</think>', at)) return at + 1
  code.thinking = opens
  code.lineStart = at + (opens ? 7 : 8)
  return code.lineStart
}
