import type { Cutter, TokenCounter } from './chunk.ts'
import { tokenCutter } from './token-cutter.ts'

/** Settings of a line cutter: lines of a piece, most tokens of a piece, and what counts them. */
export interface LineCutterOptions {
  count: number
  limit: number
  tokens: TokenCounter
}

/**
 * Makes a cutter of pieces of `count` lines; a line keeps its \n or \r\n, so the last line may be without one. A piece
 * over `limit` tokens is cut finer as tokenCutter does. Throws a RangeError when count or limit is below 1.
 */
export function lineCutter({ count, limit, tokens }: LineCutterOptions): Cutter {
  if (!(count >= 1)) throw new RangeError(`making a line cutter: a piece has at least one line, not ${count}`)
  const window = Math.min(50, Math.floor(limit / 4))
  const finer = tokenCutter({ target: limit - window, window, limit, count: tokens })
  return (text) => {
    const pieces: string[] = []
    let start = 0
    do {
      const end = linesEnd(text, start, count)
      for (const piece of finer(text.slice(start, end))) pieces.push(piece)
      start = end
    } while (start < text.length)
    return pieces
  }
}

function linesEnd(text: string, start: number, count: number): number {
  let end = start
  for (let line = 0; line < count; line++) {
    const newline = text.indexOf('\n', end)
    if (newline === -1) return text.length
    end = newline + 1
  }
  return end
}
