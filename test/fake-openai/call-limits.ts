/** What a server lets through in each window, and how it says so. */
export interface CallLimits {
  requests?: number
  tokens?: number
  /** Length of a window, by default a minute. */
  windowMs?: number
  /** Whose headers: x-ratelimit-remaining-requests and so on, or X-RateLimit-Reset in milliseconds since 1970. */
  style?: 'openai' | 'openrouter'
  /** Whether a refusal has Retry-After. */
  retryAfter?: boolean
}

/** Whether a call is within the limits, and the headers of its answer. */
export interface Allowed {
  isAllowed: boolean
  headers: Record<string, string>
}

/** Counts calls in windows that begin with the first call. */
export const callCounter = () => {
  let began: number | undefined
  let window = -1
  let requests = 0
  let tokens = 0
  return (limits: CallLimits, callTokens: number, nowMs: number): Allowed => {
    const { windowMs = 60_000, requests: mostRequests = Infinity, tokens: mostTokens = Infinity } = limits
    began ??= nowMs
    const current = Math.floor((nowMs - began) / windowMs)
    if (current !== window) {
      window = current
      requests = 0
      tokens = 0
    }
    const isAllowed = requests < mostRequests && tokens + callTokens <= mostTokens
    if (isAllowed) {
      requests++
      tokens += callTokens
    }
    const leftMs = began + (window + 1) * windowMs - nowMs
    const left = { requests: mostRequests - requests, tokens: isAllowed ? Math.max(0, mostTokens - tokens) : 0 }
    const headers =
      limits.style === 'openrouter' ? openrouter(limits, left, nowMs + leftMs) : openai(limits, left, leftMs)
    if (!isAllowed && limits.retryAfter !== false) headers['retry-after'] = String(Math.ceil(leftMs / 1000))
    return { isAllowed, headers }
  }
}

const openai = (limits: CallLimits, left: { requests: number; tokens: number }, leftMs: number) => {
  const headers: Record<string, string> = {}
  for (const what of ['requests', 'tokens'] as const) {
    if (limits[what] === undefined) continue
    headers[`x-ratelimit-limit-${what}`] = String(limits[what])
    headers[`x-ratelimit-remaining-${what}`] = String(left[what])
    headers[`x-ratelimit-reset-${what}`] = `${Math.ceil(leftMs)}ms`
  }
  return headers
}

const openrouter = (limits: CallLimits, left: { requests: number }, resetMs: number): Record<string, string> => ({
  'x-ratelimit-limit': String(limits.requests ?? limits.tokens),
  'x-ratelimit-remaining': String(left.requests),
  'x-ratelimit-reset': String(Math.ceil(resetMs)),
})
