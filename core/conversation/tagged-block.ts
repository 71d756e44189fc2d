import { type Finder, forwardFinder } from './forward-finder.ts'

/** The tags that hold what programs say to each other; each name is also the type of the part. */
export type BlockTag = 'tool_call' | 'tool_response' | 'tools'

/** Where the tags of a text are looked for, and how far behind them. */
export interface BlockScan {
  text: string
  /** Made for a text that has a tag at all. */
  tags: { opens: Record<BlockTag, Finder>; closes: Record<BlockTag, Finder> } | undefined
  lookedUntil: number
}

/** How far a payload was read: brackets still open, and the quotation mark of the string it stands in, or ''. */
interface Reading {
  at: number
  depth: number
  quote: string
}

/** What it takes to read a text's blocks in order; a function made for each text would be compiled over and over again. */
export function blockScan(text: string): BlockScan {
  return { text, tags: undefined, lookedUntil: 0 }
}

/**
 * The end of the `<tag>…</tag>` whose opening tag is at `start`, within `limit`, or -1 when the tag is ordinary text. A
 * closing tag inside a string of a JSON or Python payload does not end the block if the payload is complete at a later
 * one. An unclosed block ends behind its first value, or at `limit` when that is cut off; an unclosed tag before anything
 * but `{` or `[` is text, as is a pair of tags only named in a sentence.
 */
export function blockEnd(scan: BlockScan, tag: BlockTag, start: number, limit: number): number {
  const { text } = scan
  scan.tags ??= { opens: tagFinders(text, '<'), closes: tagFinders(text, '</') }
  const payload = start + tag.length + 2
  const value = valueStart(text, payload)
  const close = scan.tags.closes[tag](start)
  if (close >= limit) return value === -1 ? -1 : unclosedEnd(text, value, limit)
  const behind = close + tag.length + 3
  if (value === -1) return scan.tags.opens[tag](payload) < close || isMention(text, start, payload, close) ? -1 : behind
  const reading: Reading = { at: value, depth: 0, quote: '' }
  while (reading.at < close) step(text, reading)
  if (reading.quote === '' || close < scan.lookedUntil) return behind
  // What lies behind the first closing tag is looked at once in all, so that broken payloads stay linear.
  const complete = readToClose(text, reading, `</${tag}>`, limit)
  scan.lookedUntil = reading.at
  return complete ? reading.at + tag.length + 3 : behind
}

/** Whether a pair of tags is only named in a sentence: in mid-line, with nothing or one small word between the tags. */
export function isMention(text: string, start: number, openEnd: number, closeStart: number): boolean {
  if (closeStart - openEnd > 16) return false
  let before = start
  while (text[before - 1] === ' ' || text[before - 1] === '\t') before--
  if (before === 0 || text[before - 1] === '\n') return false
  return /^["'`,]{0,2} {0,2}(?:and|or|to|\.\.\.|…|\/|&|-|–)? {0,2}["'`,]{0,2}$/.test(text.slice(openEnd, closeStart))
}

function tagFinders(text: string, prefix: string): Record<BlockTag, Finder> {
  return {
    tool_call: forwardFinder(text, `${prefix}tool_call>`),
    tool_response: forwardFinder(text, `${prefix}tool_response>`),
    tools: forwardFinder(text, `${prefix}tools>`),
  }
}

/** Where the payload's bracket stands, or -1 when it does not begin with one. */
function valueStart(text: string, payload: number): number {
  let at = payload
  while (at < text.length && ' \t\r\n'.includes(text[at]!)) at++
  return text[at] === '{' || text[at] === '[' ? at : -1
}

/** Reads one character of a payload. */
function step(text: string, reading: Reading): void {
  const char = text[reading.at++]
  if (reading.quote !== '') {
    if (char === '\\') reading.at++
    else if (char === reading.quote) reading.quote = ''
  } else if (char === '"' || char === "'") reading.quote = char
  else if (char === '{' || char === '[') reading.depth++
  else if (char === '}' || char === ']') reading.depth--
}

/** Reads on to the next closing tag outside a string, and tells whether the payload is complete there. */
function readToClose(text: string, reading: Reading, closing: string, limit: number): boolean {
  const end = Math.min(limit, text.length)
  while (reading.at < end) {
    if (reading.quote === '' && text.startsWith(closing, reading.at)) return reading.depth === 0
    step(text, reading)
  }
  return false
}

function unclosedEnd(text: string, value: number, limit: number): number {
  const end = Math.min(limit, text.length)
  const reading: Reading = { at: value, depth: 0, quote: '' }
  do step(text, reading)
  while (reading.at < end && reading.depth > 0)
  return Math.min(reading.at, end)
}
