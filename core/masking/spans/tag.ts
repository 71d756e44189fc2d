import { type Finder, forwardFinder } from '../../conversation/forward-finder.ts'
import { type Range, rangeTo, type SpanKind } from '../span.ts'
import { braceEnds } from './brace-ends.ts'

/** Elements whose content is no prose; they are masked with it. */
const verbatim = new Set([
  ...['script', 'style', 'pre', 'code', 'kbd', 'samp', 'var', 'svg', 'math', 'tool_call', 'tool_response', 'tools'],
  ...['function_call', 'functioncall'],
])

const fragment = /<\/?>|<\|[^<>|\n]{1,60}\|>/y
const opening = /<(\/?)([A-Za-z_][\w:.-]{0,60})/y
const attributeName = /[^\s"'<>/={}`]+/y
const space = /\s*/y
const unquoted = /[^\s"'=<>`{}]+/y

/** Tags of HTML, XML and JSX, among them `<think>` and the like, and marks as `<|end|>`. */
export const tag: SpanKind = {
  kind: 'tag',
  triggers: '<',
  reader(text) {
    const attributesEnd = attributesReader(text)
    const closers = new Map<string, Finder>()
    const closed = (name: string, range: Range): Range => {
      const close = `</${name}>`
      const finder = closers.get(name) ?? forwardFinder(text, close)
      closers.set(name, finder)
      return rangeTo(range.start, finder(range.end) + close.length) ?? range
    }
    return (at) => {
      fragment.lastIndex = at
      if (fragment.test(text)) return { start: at, end: fragment.lastIndex }
      opening.lastIndex = at
      const [, slash, name] = opening.exec(text) ?? []
      if (name === undefined) return undefined
      const nameEnd = opening.lastIndex
      const range = rangeTo(at, attributesEnd(nameEnd))
      // "a <b and c> d" is a comparison.
      if (range === undefined || (name.length === 1 && !/^[\s/>]*$|[={]/.test(text.slice(nameEnd, range.end))))
        return undefined
      if (slash === '/' || text[range.end - 2] === '/') return range
      return verbatim.has(name) ? closed(name, range) : range
    }
  },
}

/**
 * Makes a reader from behind a tag's name to behind its `>`, or -1. What follows a place between two attributes does not
 * depend on where the tag began, so places that led to nothing are remembered, and unclosed tags stay linear.
 */
function attributesReader(text: string): (from: number) => number {
  const groupEnd = braceEnds(text)
  const dead = new Set<number>()
  return (from) => {
    const seen: number[] = []
    for (let at = from; !dead.has(at); ) {
      seen.push(at)
      const next = after(text, at, space)
      if (text[next] === '>') return next + 1
      if (text.startsWith('/>', next)) return next + 2
      const end = next === at ? -1 : attributeEnd(text, next, groupEnd)
      if (end === -1) break
      at = end
    }
    for (const at of seen) dead.add(at)
    return -1
  }
}

/** The end of an attribute at a place: a name, a name with a value, or `{…}`. */
function attributeEnd(text: string, at: number, groupEnd: (open: number) => number): number {
  if (text[at] === '{') return groupEnd(at)
  const nameEnd = after(text, at, attributeName)
  if (nameEnd === at) return -1
  const equals = after(text, nameEnd, space)
  if (text[equals] !== '=') return nameEnd
  const value = after(text, equals + 1, space)
  const first = text[value]
  if (first === '{') return groupEnd(value)
  if (first === '"' || first === "'") return text.indexOf(first, value + 1) + 1 || -1
  const end = after(text, value, unquoted)
  return end === value ? -1 : end
}

/** Where a run of a sticky pattern that begins at a place ends; the place itself when there is none. */
function after(text: string, at: number, run: RegExp): number {
  run.lastIndex = at
  return run.test(text) ? run.lastIndex : at
}
