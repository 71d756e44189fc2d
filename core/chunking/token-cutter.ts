import type { Cutter, TokenCounter } from './chunk.ts'
import { cutPlaces } from './cut-places.ts'
import { codePointFloor, graphemeFloor } from './grapheme-floor.ts'
import { type Fit, longestFit } from './longest-fit.ts'

/** Settings of a token cutter; all but `count` in tokens. */
export interface TokenCutterOptions {
  target: number
  window: number
  /** Most tokens of prompt and piece together. */
  limit: number
  promptTokens?: number
  count: TokenCounter
}

interface Budget {
  min: number
  target: number
  max: number
}

/** How many places of one rank are counted before the next rank is tried. */
const triesPerRank = 6

/**
 * Makes a cutter of pieces near `target` tokens. A piece but the last ends inside [target - window, target + upper], where
 * upper = min(window, limit - promptTokens - target): at the end of a sentence, line or paragraph if there is one, else
 * at white space, else anywhere between grapheme clusters, always as near to the target as can be. White space stays
 * with the piece before the cut. A target over limit - promptTokens is lowered to it, and no piece has more tokens,
 * but for a single code point that has. A text of at most target + upper tokens is one piece. A cluster is only cut,
 * between code points, when it is over the limit by itself; where one fills the window, the piece ends before it.
 * Total work is linear. Throws a RangeError when the limit leaves no room for a token.
 */
export function tokenCutter(options: TokenCutterOptions): Cutter {
  const budget = pieceBudget(options)
  const { count } = options
  const slack = Math.floor((budget.max - budget.min) / 16)
  return (text) => {
    const pieces: string[] = []
    let start = 0
    let guess = 4 * budget.max
    do {
      const fit = longestFit(text, start, { max: budget.max, slack }, start + guess, count)
      const end = fit.end === text.length ? fit.end : cutWithin(text, start, fit, budget, count)
      pieces.push(text.slice(start, end))
      guess = Math.ceil(Math.min((fit.end - start) * 1.01, 2 * (end - start) + 4 * budget.max))
      start = end
    } while (start < text.length)
    return pieces
  }
}

function pieceBudget({ target, window, limit, promptTokens = 0 }: TokenCutterOptions): Budget {
  const room = limit - promptTokens
  if (!(room >= 1 && target >= 1 && window >= 0)) {
    throw new RangeError(
      `making a token cutter: no room for a piece: target ${target}, window ${window}, limit ${limit}, prompt ${promptTokens} tokens`,
    )
  }
  const lowered = Math.min(target, room)
  return { min: Math.max(1, lowered - window), target: lowered, max: lowered + Math.min(window, room - lowered) }
}

/** A piece to be cut: it starts at `start` and ends by `far`, best at `middle`; up to `far` it fits. */
interface CutRange {
  start: number
  middle: number
  far: number
}

/** Where the piece that starts at `start` ends, when `fit` is about the longest it can be. */
function cutWithin(text: string, start: number, fit: Fit, budget: Budget, count: TokenCounter): number {
  const length = windowLength(text, start, fit, budget, count)
  const share = (fit.tokens - budget.target) / Math.max(1, fit.tokens - budget.min)
  const middle = fit.end - Math.round(length * Math.max(0, Math.min(1, share)))
  const near = Math.max(start, fit.end - Math.ceil(length * 1.05) - 2)
  const places = cutPlaces(text, near, fit.end).sort((a, b) => Math.abs(a.at - middle) - Math.abs(b.at - middle))
  for (const rank of [2, 1]) {
    for (const { at } of places.filter((place) => place.rank === rank).slice(0, triesPerRank)) {
      if (at <= start || graphemeFloor(text, start, at) !== at) continue
      const tokens = count(text.slice(start, at))
      if (tokens >= budget.min && tokens <= budget.max) return at
    }
  }
  return hardCut(text, { start, middle, far: fit.end }, budget, count)
}

/** About how far before the end of `fit` the piece has its least number of tokens, in UTF-16 units. */
function windowLength(text: string, start: number, fit: Fit, budget: Budget, count: TokenCounter): number {
  const surplus = fit.tokens - budget.min
  if (surplus <= 0) return 0
  let length = Math.ceil(((fit.end - start) * surplus) / fit.tokens)
  for (let round = 0; round < 2; round++) {
    const tokens = count(text.slice(codePointFloor(text, fit.end - length), fit.end))
    const mended = Math.min(fit.end - start, Math.ceil((length * surplus) / Math.max(1, tokens)))
    if (mended === length) break
    length = mended
  }
  return length
}

/** A cut between grapheme clusters, at the middle or else the far end, else between code points; never of nothing. */
function hardCut(text: string, { start, middle, far }: CutRange, { min, max }: Budget, count: TokenCounter): number {
  const wished = graphemeFloor(text, start, middle)
  const tokens = count(text.slice(start, wished))
  if (wished > start && tokens >= min && tokens <= max) return wished
  let end = graphemeFloor(text, start, far)
  while (end > start && count(text.slice(start, end)) > max) {
    end = graphemeFloor(text, start, start + Math.floor(((end - start) * 7) / 8))
  }
  if (end > start) return end
  return far > start ? far : start + (text.codePointAt(start)! > 0xffff ? 2 : 1)
}
