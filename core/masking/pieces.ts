import { hasLetter } from '../conversation/parse-message.ts'
import { peel } from './peel.ts'
import type { Range } from './span.ts'

/** A stretch of a text that is copied or translated. */
export interface Piece {
  text: string
  isKept: boolean
}

/**
 * Cuts a text at ranges that are kept, which are in order and do not overlap; the pieces, joined, are the text. What has
 * no letter is kept, and so is the white space around what has; kept pieces never stand next to each other.
 */
export function pieces(text: string, ranges: readonly Range[]): Piece[] {
  const found: Piece[] = []
  let kept = 0
  const cut = (from: number, to: number) => {
    const words = text.slice(from, to)
    if (!hasLetter(words)) return
    const { before, segment } = peel(words)
    const start = from + before.length
    if (start > kept) found.push({ text: text.slice(kept, start), isKept: true })
    found.push({ text: segment, isKept: false })
    kept = start + segment.length
  }
  let at = 0
  for (const { start, end } of ranges) {
    cut(at, start)
    at = end
  }
  cut(at, text.length)
  if (kept < text.length) found.push({ text: text.slice(kept), isKept: true })
  return found
}
