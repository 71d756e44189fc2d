import type { TokenCounter } from './chunk.ts'
import { codePointFloor } from './grapheme-floor.ts'

/** A stretch of a text from a known start up to `end`, and its tokens. */
export interface Fit {
  end: number
  tokens: number
}

/** What longestFit looks for: at most `max` tokens; it is content with `max - slack` or more. */
export interface FitLimits {
  max: number
  slack: number
}

/**
 * Finds the longest stretch from `start` on that has at most `max` tokens; the whole rest if that fits. `guess` is
 * the end tried first. Counts only stretches of about the answer's length, a few times, so a text cut into such
 * stretches is read in linear time. The answer is empty when not even one character fits.
 */
export function longestFit(text: string, start: number, limits: FitLimits, guess: number, count: TokenCounter): Fit {
  let fit: Fit = { end: start, tokens: 0 }
  let over: Fit = { end: text.length + 1, tokens: Number.POSITIVE_INFINITY }
  let next = Math.max(start + 1, Math.min(guess, text.length))
  for (let step = 1; ; step++) {
    const end = between(text, next, fit.end, over.end)
    if (end === -1) return fit
    const tried = { end, tokens: count(text.slice(start, end)) }
    if (tried.tokens > limits.max) over = tried
    else fit = tried
    if (fit.end === text.length) return fit
    const isFound = Number.isFinite(over.tokens)
    if (isFound && limits.max - fit.tokens <= limits.slack) return fit
    if (isFound) next = step % 3 === 0 ? (fit.end + over.end) >> 1 : interpolate(fit, over, limits)
    else next = grow(fit, start, limits.max)
  }
}

/** A place strictly between two others, not inside a surrogate pair, near the wanted one; -1 when there is none. */
function between(text: string, wanted: number, low: number, high: number): number {
  const inside = Math.max(low + 1, Math.min(wanted, high - 1))
  const floor = codePointFloor(text, inside)
  if (floor > low && floor < high) return floor
  return floor + 2 < high && floor + 2 <= text.length ? floor + 2 : -1
}

function interpolate(fit: Fit, over: Fit, limits: FitLimits): number {
  const share = (limits.max - limits.slack / 2 - fit.tokens) / (over.tokens - fit.tokens)
  return fit.end + Math.round((over.end - fit.end) * Math.max(0, share))
}

/** At most four times as far, so that what is read stays in proportion to what is found. */
function grow(fit: Fit, start: number, max: number): number {
  const length = fit.end - start
  const expected = fit.tokens === 0 ? Number.POSITIVE_INFINITY : (length * max) / fit.tokens
  return start + Math.ceil(Math.min(expected * 1.05, length * 4)) + 8
}
