import type { Piece } from '../../core/masking/pieces.ts'
import type { Range } from '../../core/masking/span.ts'

const paragraph = /\n[^\S\n]*\n\s*/gu
const line = /\n\s*/gu
const end = /[.!?…:;؟。！？]["')\]»”’]*\s+/gu
const space = /\s+/gu
/** Shorter texts are not cut. */
const shortest = 40

/** So many places of each kind are tried. */
const tries = 8

/**
 * A text cut in two near its middle, outside of its spans: between paragraphs, else lines, sentences or words; the white space there is
 * kept between both, and where `findSpans` finds the spans in the halves too. One piece where it cannot be cut. Joined they are the text.
 */
export const halves = (
  text: string,
  spans: readonly Range[],
  findSpans: (text: string) => readonly Range[],
): Piece[] => {
  if (text.length < shortest) return [{ text, isKept: false }]
  for (const pattern of [paragraph, line, end, space])
    for (const at of cuts(text, pattern, spans).slice(0, tries)) {
      const parts = cutAt(text, at)
      if (keepSpans(parts, spans, findSpans)) return parts
    }
  return [{ text, isKept: false }]
}

const cutAt = (text: string, at: number): Piece[] => {
  const first = text.slice(0, at).trimEnd()
  return [
    { text: first, isKept: false },
    { text: text.slice(first.length, at), isKept: true },
    { text: text.slice(at), isKept: false },
  ]
}

/** The places of a pattern within the middle three fifths and in no span, the nearest to the middle first. */
const cuts = (text: string, pattern: RegExp, spans: readonly Range[]): number[] =>
  [...text.matchAll(pattern)]
    .map(({ index, 0: found }) => index + found.length)
    .filter((at) => at >= text.length / 5 && at <= (text.length * 4) / 5)
    .filter((at) => !spans.some((span) => span.start < at && at < span.end))
    .sort((a, b) => Math.abs(a - text.length / 2) - Math.abs(b - text.length / 2))

/** Whether what has to survive in a text is found in its parts as well: some is only known by what stands beside it. */
export const keepSpans = (
  parts: readonly Piece[],
  spans: readonly Range[],
  findSpans: (text: string) => readonly Range[],
): boolean => {
  const found: Range[] = []
  const add = (start: number, end: number) => {
    const last = found.at(-1)
    if (last?.end === start) last.end = end
    else found.push({ start, end })
  }
  let at = 0
  for (const { text, isKept } of parts) {
    if (isKept) add(at, at + text.length)
    else for (const { start, end } of findSpans(text)) add(at + start, at + end)
    at += text.length
  }
  let next = 0
  return spans.every(({ start, end }) => {
    while (next < found.length && found[next]!.end < end) next++
    return next < found.length && found[next]!.start <= start
  })
}
