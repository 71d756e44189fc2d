import type { MaskKind } from './kinds.ts'

/** A stretch of a text, in UTF-16 units. */
export interface Range {
  start: number
  end: number
}

/** A stretch of a text that has to come through a translation byte for byte. */
export interface Span extends Range {
  kind: MaskKind
}

/**
 * Gives the span that is recognised at a place, or undefined. It is asked at rising places, and must not begin a span
 * before `floor`, where the span before it ended. All its calls together read the text a fixed number of times.
 */
export type SpanReader = (at: number, floor: number) => Range | undefined

/** How spans of one kind are found: the characters that give them away, and a reader of a text. */
export interface SpanKind {
  kind: MaskKind
  triggers: string
  reader(text: string): SpanReader
}

/** The range up to `end`, or undefined when there is no end (-1 or Infinity). */
export function rangeTo(start: number, end: number): Range | undefined {
  return end > start && Number.isFinite(end) ? { start, end } : undefined
}
