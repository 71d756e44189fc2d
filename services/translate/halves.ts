import type { Piece } from '../../core/masking/pieces.ts'
import type { Range } from '../../core/masking/span.ts'

const paragraph = /\n[^\S\n]*\n\s*/gu
const line = /\n\s*/gu
const end = /[.!?…:;؟。！？]["')\]»”’]*\s+/gu
const space = /\s+/gu
/** Shorter texts are not cut. */
const shortest = 40

/**
 * A text cut in two near its middle, outside of its spans: between paragraphs, else lines, sentences or words; the white space there is
 * kept between both. One piece where it cannot be cut. Joined they are the text.
 */
export const halves = (text: string, spans: readonly Range[] = []): Piece[] => {
  const cut =
    text.length < shortest
      ? undefined
      : [paragraph, line, end, space].map((pattern) => nearest(text, pattern, spans)).find((found) => found)
  if (!cut) return [{ text, isKept: false }]
  const first = text.slice(0, cut.end).trimEnd()
  const gap = text.slice(first.length, cut.end)
  const second = text.slice(cut.end)
  return [
    { text: first, isKept: false },
    { text: gap, isKept: true },
    { text: second, isKept: false },
  ]
}

/** The title of a link, behind its target: cut off from it, that is none. */
const title = /^["'][^\n]{0,300}\)/
const link = /\]\([^\s()<>]+\s+$/
/** So far before a title its link is looked for. */
const farthest = 2100

/** The place of a pattern that is nearest to the middle, if it is within the middle three fifths and in no span. */
const nearest = (text: string, pattern: RegExp, spans: readonly Range[]): { end: number } | undefined => {
  let best: number | undefined
  for (const { index, 0: found } of text.matchAll(pattern)) {
    const at = index + found.length
    if (at < text.length / 5 || at > (text.length * 4) / 5) continue
    if (spans.some((span) => span.start < at && at < span.end)) continue
    if (title.test(text.slice(at)) && link.test(text.slice(Math.max(0, at - farthest), at))) continue
    if (best === undefined || Math.abs(at - text.length / 2) < Math.abs(best - text.length / 2)) best = at
  }
  return best === undefined ? undefined : { end: best }
}
