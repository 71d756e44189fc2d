import type { Finder } from './forward-finder.ts'

/** Gives the end of the fenced code block that opens on the line at `lineStart`, its last newline included, or -1. */
export type FenceReader = (lineStart: number, insideThink: boolean) => number

interface Opener {
  mark: string
  length: number
  width: number
  nextLine: number
  /** It stands in a block quote, with which it ends. */
  isQuoted: boolean
}

/**
 * Makes a reader of fenced code by the rule of CommonMark section 4.5: the closing fence has the same character and is
 * at least as long. A fence may stand behind list marks and block quotes; an unclosed one ends with its quote, or with the text. Inside
 * thinking a fence ends at `</think>`, unless it closes later and another `</think>` follows. `thinkEnd` finds that tag.
 */
export function fenceReader(text: string, thinkEnd: Finder): FenceReader {
  const lastThinkEnd = text.lastIndexOf('</think>')
  let lookedUntil = 0
  return (lineStart, insideThink) => {
    const opener = readOpener(text, lineStart)
    if (opener === null) return -1
    const border = insideThink ? Math.min(thinkEnd(lineStart), text.length) : text.length
    const close = findClose(text, opener, opener.nextLine, border)
    if (close !== -1) return close
    // What lies behind the border is looked at once in all, so that a thousand such fences stay linear.
    if (border === text.length || border < lookedUntil) return border
    const far = findClose(text, opener, lineEnd(text, border), text.length)
    lookedUntil = far === -1 ? text.length : far
    return far !== -1 && lastThinkEnd >= far ? far : border
  }
}

function readOpener(text: string, lineStart: number): Opener | null {
  let at = lineStart
  for (;;) {
    const char = text[at]
    if (char === ' ' || char === '\t' || char === '>') at++
    else {
      const marker = listMarkerEnd(text, at)
      if (marker === -1) break
      at = marker
    }
  }
  const mark = text[at]
  if (mark !== '`' && mark !== '~') return null
  const length = runLength(text, at, mark)
  if (length < 3) return null
  const nextLine = lineEnd(text, at)
  if (mark === '`' && text.slice(at + length, nextLine).includes('`')) return null
  return {
    mark,
    length,
    width: width(text, lineStart, at),
    nextLine,
    isQuoted: text.slice(lineStart, at).includes('>'),
  }
}

/** The end of `- `, `* `, `+ `, `1. ` or `1) ` at a place, or -1. */
function listMarkerEnd(text: string, at: number): number {
  let end = at
  if (text[end] === '-' || text[end] === '*' || text[end] === '+') end++
  else {
    while (end - at < 9 && isDigit(text.charCodeAt(end))) end++
    if (end === at || (text[end] !== '.' && text[end] !== ')')) return -1
    end++
  }
  return text[end] === ' ' || text[end] === '\t' ? end + 1 : -1
}

function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39
}

/** The end of the closing line or of the quote around, if it ends at or before `border`, otherwise -1. */
function findClose(text: string, opener: Opener, from: number, border: number): number {
  let line = from
  while (line < border) {
    const end = lineEnd(text, line)
    if (opener.isQuoted && !isQuoted(text, line)) return line
    if (end > border) return -1
    if (isClosing(text, opener, line, end)) return end
    line = end
  }
  return -1
}

function isQuoted(text: string, lineStart: number): boolean {
  let at = lineStart
  while (text[at] === ' ' || text[at] === '\t') at++
  return text[at] === '>'
}

function isClosing(text: string, opener: Opener, lineStart: number, end: number): boolean {
  let at = lineStart
  while (text[at] === ' ' || text[at] === '\t' || text[at] === '>') at++
  if (text[at] !== opener.mark || width(text, lineStart, at) > opener.width + 3) return false
  const length = runLength(text, at, opener.mark)
  if (length < opener.length) return false
  for (let i = at + length; i < end; i++) if (!' \t\r\n'.includes(text[i]!)) return false
  return true
}

function runLength(text: string, at: number, char: string): number {
  let end = at
  while (text[end] === char) end++
  return end - at
}

function width(text: string, from: number, to: number): number {
  let columns = 0
  for (let i = from; i < to; i++) columns += text[i] === '\t' ? 4 : 1
  return columns
}

function lineEnd(text: string, from: number): number {
  const newline = text.indexOf('\n', from)
  return newline === -1 ? text.length : newline + 1
}
