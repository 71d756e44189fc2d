import { frameRanges } from './line-frame.ts'
import { type Piece, pieces } from './pieces.ts'
import type { Range } from './span.ts'

/**
 * Cuts a text at its spans and at the structure of its lines, so that what is translated is the words of one line between
 * two spans: translated piece by piece, spans and structure survive whatever comes back. Joined, the pieces are the text.
 */
export function wordPieces(text: string, spans: readonly Range[]): Piece[] {
  const ranges = [...spans, ...frameRanges(text)].sort((a, b) => a.start - b.start)
  const merged: Range[] = []
  for (const { start, end } of ranges) {
    const last = merged.at(-1)
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end)
    else merged.push({ start, end })
  }
  return pieces(text, merged)
}
