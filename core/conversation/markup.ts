import { codeSpanFinder } from './code-span.ts'
import { mathReader } from './display-math.ts'
import { fenceReader } from './fence.ts'
import { type Finder, forwardFinder } from './forward-finder.ts'
import type { PartType } from './model.ts'
import { type BlockScan, type BlockTag, blockEnd, blockScan, isMention } from './tagged-block.ts'

/** A stretch of a message that is never translated; `thinking` tells whether the text behind it is thinking. */
export interface Markup {
  type: PartType
  start: number
  end: number
  thinking: boolean
}

interface Scan {
  text: string
  thinkEnd: Finder
  lastThinkEnd: number
  codeSpan: ReturnType<typeof codeSpanFinder>
  math: ReturnType<typeof mathReader>
  blocks: BlockScan
  thinking: boolean
}

/** What a token led to: a markup up to `end`, or ordinary text up to `end`. */
interface Step {
  type: PartType | null
  end: number
}

const closeThink = '</think>'
const tokens = /\n|`+|\$\$+|\\[^\n]|<\/think>|<(?:think|tool_call|tool_response|tools)>|\[asy\]/g

/**
 * Finds the thinking tags, fenced code, display mathematics and tool blocks of a message, in order and not overlapping;
 * tags inside fenced or inline code, or behind a backslash, are text. Reads the text a fixed number of times.
 */
export function findMarkup(text: string): Markup[] {
  const thinkEnd = forwardFinder(text, closeThink)
  const fence = fenceReader(text, thinkEnd)
  const scan: Scan = {
    text,
    thinkEnd,
    lastThinkEnd: text.lastIndexOf(closeThink),
    thinking: false,
    codeSpan: codeSpanFinder(text),
    math: mathReader(text),
    blocks: blockScan(text),
  }
  const found: Markup[] = []
  const token = new RegExp(tokens)
  let at = 0
  let lineStart = true
  for (;;) {
    // Empty lines hold nothing, and a match for each would take the most time of all texts.
    while (lineStart && text[at] === '\n') at++
    const fenceEnd: number = lineStart ? fence(at, scan.thinking) : -1
    if (fenceEnd !== -1) {
      found.push({ type: 'code', start: at, end: fenceEnd, thinking: scan.thinking })
      lineStart = text[fenceEnd - 1] === '\n'
      at = fenceEnd
      continue
    }
    token.lastIndex = at
    const match = token.exec(text)
    if (match === null) return found
    const step = readToken(scan, match[0], match.index)
    if (step.type !== null) found.push({ type: step.type, start: match.index, end: step.end, thinking: scan.thinking })
    lineStart = match[0] === '\n' || step.type === 'think'
    at = step.end
  }
}

function readToken(scan: Scan, token: string, start: number): Step {
  const behind: Step = { type: null, end: start + token.length }
  const limit = scan.thinking ? scan.thinkEnd(start) : Number.POSITIVE_INFINITY
  if (token === '<think>') return openThink(scan, start, behind)
  if (token === closeThink) {
    if (!scan.thinking) return behind
    scan.thinking = false
    return { type: 'think', end: behind.end }
  }
  if (token[0] === '`') {
    const end = scan.codeSpan(start, token.length)
    return end > limit && end <= scan.lastThinkEnd ? { type: null, end } : upTo(limit, null, end, behind)
  }
  if (token === '$$' || token === '\\[' || token === '\\b' || token === '[asy]') {
    return upTo(limit, 'math', scan.math(token, start), behind)
  }
  if (token[0] !== '<') return behind
  const tag = token.slice(1, -1) as BlockTag
  return upTo(limit, tag, blockEnd(scan.blocks, tag, start, limit), behind)
}

/** What a token begins, if it ends within the limit. */
function upTo(limit: number, type: PartType | null, end: number, behind: Step): Step {
  return end === -1 || end > limit ? behind : { type, end }
}

/** The opening tag takes the line break behind it along. */
function openThink(scan: Scan, start: number, behind: Step): Step {
  const { text } = scan
  const close = scan.thinkEnd(start)
  if (scan.thinking) return behind
  if (isMention(text, start, behind.end, close)) return { type: null, end: close + closeThink.length }
  scan.thinking = true
  const newline = text.startsWith('\r\n', behind.end) ? 2 : text[behind.end] === '\n' ? 1 : 0
  return { type: 'think', end: behind.end + newline }
}
