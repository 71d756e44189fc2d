/** A header by its name in small letters. */
export type HeaderOf = (name: string) => string | null | undefined

/** The longest wait that is read out of allowances which are not used up: they are a minute's. */
const longestRestMs = 60_000

/**
 * How long a server that refuses a call asks to wait, in milliseconds; undefined when it does not say. Reads Retry-After
 * (RFC 9110: seconds or a date), OpenAI's retry-after-ms and x-ratelimit-reset-requests and -tokens (`6m0s`), and
 * OpenRouter's X-RateLimit-Reset (milliseconds since 1970; others write seconds, or seconds to go).
 */
export const askedWaitMs = (header: HeaderOf, nowMs: number): number | undefined => {
  const exact = numberOf(header('retry-after-ms'))
  if (exact !== undefined) return exact
  const after = header('retry-after')
  const seconds = numberOf(after)
  if (seconds !== undefined) return seconds * 1000
  const until = after ? Date.parse(after) : Number.NaN
  if (!Number.isNaN(until)) return Math.max(0, until - nowMs)
  const reset = numberOf(header('x-ratelimit-reset'))
  if (reset !== undefined) return resetMs(reset, nowMs)
  const spent = ['requests', 'tokens'].filter((what) => header(`x-ratelimit-remaining-${what}`) === '0')
  const waits = spent.flatMap((what) => durationMs(header(`x-ratelimit-reset-${what}`)) ?? [])
  if (waits.length > 0) return Math.max(...waits)
  // A refusal for want of tokens mostly leaves a few; a refusal for another reason tells of them as well.
  const tokensMs = durationMs(header('x-ratelimit-reset-tokens'))
  return tokensMs && Math.min(tokensMs, longestRestMs)
}

/**
 * How long a server that answered wants no further call, in milliseconds; undefined when it does not say, or has room for one of so many
 * tokens. Reads x-ratelimit-remaining-requests and -tokens with their resets, and OpenRouter's X-RateLimit-Remaining.
 */
export const restMs = (header: HeaderOf, nowMs: number, tokens: number): number | undefined => {
  const waits: number[] = []
  for (const [what, needed] of [
    ['requests', 1],
    ['tokens', Math.max(1, tokens)],
  ] as const) {
    const left = numberOf(header(`x-ratelimit-remaining-${what}`))
    if (left !== undefined && left < needed) waits.push(durationMs(header(`x-ratelimit-reset-${what}`)) ?? 0)
  }
  const reset = numberOf(header('x-ratelimit-reset'))
  if (reset !== undefined && numberOf(header('x-ratelimit-remaining')) === 0) waits.push(resetMs(reset, nowMs))
  const longest = Math.max(0, ...waits)
  return longest > 0 ? Math.min(longest, longestRestMs) : undefined
}

const numberOf = (text: string | null | undefined): number | undefined =>
  text && /^\s*\d+(\.\d+)?\s*$/.test(text) ? Number(text) : undefined

/** A point in time, in milliseconds or seconds since 1970, or seconds to go. */
const resetMs = (reset: number, nowMs: number): number => {
  if (reset > 1e11) return Math.max(0, reset - nowMs)
  return reset > 1e8 ? Math.max(0, reset * 1000 - nowMs) : reset * 1000
}

const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Texts such as `1s`, `6m0s` or `20ms`. */
const durationMs = (text: string | null | undefined): number | undefined => {
  if (!text || !/^(\d+(\.\d+)?(ms|[smhd]))+$/.test(text)) return undefined
  let sum = 0
  for (const [, count, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g)) sum += Number(count) * units[unit!]!
  return sum
}
