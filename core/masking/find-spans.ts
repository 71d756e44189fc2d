import { unitReader } from '../unit-reader.ts'
import type { MaskKind } from './kinds.ts'
import type { Range, Span } from './span.ts'
import { spanKinds } from './spans/index.ts'
import { termFinder } from './terms.ts'

/** What is masked for a translator; terms count only when `kinds` has `term`. */
export interface MaskSettings {
  kinds: readonly MaskKind[]
  terms?: readonly string[]
}

/**
 * Makes a finder of the spans of a text that have to survive, in order and never overlapping. The span that begins first
 * wins, and what it holds is not looked at, so the outermost one counts; terms are looked for in what is left. What is not
 * closed, because a chunk was cut there, is text. Linear in the text.
 */
export function spanFinder({ kinds, terms = [] }: MaskSettings): (text: string) => Span[] {
  const wanted = spanKinds.filter(({ kind }) => kinds.includes(kind))
  const readersAt: number[][] = []
  // A backslash always takes the character behind it along.
  readersAt['\\'.charCodeAt(0)] = []
  for (const [index, { triggers }] of wanted.entries()) {
    for (let i = 0; i < triggers.length; i++) {
      const unit = triggers.charCodeAt(i)
      readersAt[unit] = [...(readersAt[unit] ?? []), index]
    }
  }
  const unitsOf = unitReader()
  const findTerms = kinds.includes('term') && terms.length > 0 ? termFinder(terms) : undefined
  return (text) => {
    const readers = wanted.map((kind) => kind.reader(text))
    const spans: Span[] = []
    const units = unitsOf(text)
    const { length } = text
    let floor = 0
    for (let at = 0; at < length; ) {
      const asked = readersAt[units[at]!]
      if (asked === undefined) {
        at++
        continue
      }
      let found: Range | undefined
      for (const index of asked) {
        found = readers[index]!(at, floor)
        if (found === undefined) continue
        spans.push({ start: found.start, end: found.end, kind: wanted[index]!.kind })
        floor = found.end
        break
      }
      at = found === undefined ? unreadUntil(text, at) : found.end
    }
    return findTerms === undefined ? spans : withTerms(text, spans, findTerms)
  }
}

/** The spans of one text; a finder of `spanFinder` serves for many. */
export function findSpans(text: string, settings: MaskSettings): Span[] {
  return spanFinder(settings)(text)
}

/** Behind a character that begins nothing: runs of backticks and tildes, `$$` and escaped characters are one. */
function unreadUntil(text: string, at: number): number {
  const char = text[at]!
  if (char === '\\') return text[at + 1] === '\n' ? at + 1 : at + 2
  if (char === '$') return text[at + 1] === '$' ? at + 2 : at + 1
  let end = at + 1
  if (char === '`' || char === '~') while (text[end] === char) end++
  return end
}

function withTerms(text: string, spans: Span[], find: ReturnType<typeof termFinder>): Span[] {
  const all: Span[] = []
  let at = 0
  for (const span of [...spans, { start: text.length, end: text.length, kind: 'term' as const }]) {
    for (const { start, end } of find(text, at, span.start)) all.push({ start, end, kind: 'term' })
    if (span.end > span.start) all.push(span)
    at = span.end
  }
  return all
}
