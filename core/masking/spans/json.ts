import type { SpanKind } from '../span.ts'

/** An object or array that is being read; `rich` when it holds more than one number. */
interface Open {
  start: number
  isObject: boolean
  count: number
  rich: boolean
}

const space = /[ \t\r\n]*/y
const scalar = /-?\d[\d.eE+-]{0,40}|(?:true|false|null|True|False|None|NaN)(?!\w)/y

/**
 * Objects and arrays of JSON, or of Python's literals, inside prose. An array of one number is none, as in `a[0]`, nor is
 * what stands for the text of a link. Reads every character once: what a broken value swallowed is not read again, only
 * the complete ones in it count.
 */
export const json: SpanKind = {
  kind: 'json',
  triggers: '{[',
  reader(text) {
    const ends = new Map<number, number>()
    let readUntil = 0
    return (at) => {
      if (at >= readUntil) readUntil = readValue(text, at, ends)
      const end = ends.get(at)
      return end === undefined || '(['.includes(text[end] ?? ' ') ? undefined : { start: at, end }
    }
  },
}

/** Reads the value at a place, notes where it and those inside end, and returns where reading stopped. */
function readValue(text: string, start: number, ends: Map<number, number>): number {
  const open: Open[] = [opened(text, start)]
  let at = start + 1
  for (let wantsComma = false; ; ) {
    at = behind(text, at, space) ?? at
    const top = open[open.length - 1]!
    const char = text[at]
    if (char === (top.isObject ? '}' : ']')) {
      at++
      if (top.isObject || top.rich || top.count > 1) ends.set(top.start, at)
      open.pop()
      if (open.length === 0) return at
      wantsComma = true
      continue
    }
    if (wantsComma) {
      if (char !== ',') return at
      at++
      wantsComma = false
      continue
    }
    if (top.isObject) {
      const colon = readKey(text, at)
      if (colon === undefined) return at + 1
      at = colon
    }
    top.count++
    if (text[at] === '{' || text[at] === '[') {
      top.rich = true
      open.push(opened(text, at))
      at++
      continue
    }
    const isString = text[at] === '"' || text[at] === "'"
    const end = isString ? stringEnd(text, at) : behind(text, at, scalar)
    if (end === undefined) return at + 1
    if (isString) top.rich = true
    at = end
    wantsComma = true
  }
}

function opened(text: string, start: number): Open {
  return { start, isObject: text[start] === '{', count: 0, rich: false }
}

/** Where the value of the key at a place begins. */
function readKey(text: string, at: number): number | undefined {
  const end = stringEnd(text, at) ?? behind(text, at, scalar)
  if (end === undefined) return undefined
  const colon = behind(text, end, space) ?? end
  return text[colon] === ':' ? (behind(text, colon + 1, space) ?? colon + 1) : undefined
}

/** The end of the string at a place; it stays on its line. */
function stringEnd(text: string, start: number): number | undefined {
  const quote = text[start]
  if (quote !== '"' && quote !== "'") return undefined
  for (let at = start + 1; at < text.length && text[at] !== '\n'; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === quote) return at + 1
  }
  return undefined
}

function behind(text: string, at: number, pattern: RegExp): number | undefined {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : undefined
}
