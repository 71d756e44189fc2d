import * as z from 'zod'
import type { KnownAnswer } from './memory.ts'

const usage = z.object({
  model: z.string(),
  provider: z.string(),
  prompt_tokens: z.number().min(0),
  completion_tokens: z.number().min(0),
  cost_usd: z.number().min(0).nullable(),
  latency_ms: z.number().min(0),
  finish_reason: z.string(),
  at_ms: z.number().min(0),
})
// Bills and marks of where an answer came from are of the memory that it left.
const failure = z.object({
  code: z.enum(['backend_refused', 'server_error', 'timeout']),
  message: z.string(),
  ofText: z.boolean(),
})
const line = z.object({
  key: z.string().regex(/^[0-9a-f]{64}$/, 'is no SHA-256 in hex'),
  answer: z.object({ text: z.string(), usage, failure: failure.optional() }),
})

/** An answer as a line of JSON, without its line feed. */
export const answerLine = ({ key, answer: { text, usage, failure } }: KnownAnswer): string =>
  JSON.stringify({ key, answer: { text, usage, failure } })

/** The answer of a line, or what is wrong with it. */
export const parseAnswerLine = (written: string): KnownAnswer | string => {
  let value: unknown
  try {
    value = JSON.parse(written)
  } catch {
    return 'no JSON'
  }
  const parsed = line.safeParse(value)
  if (parsed.success) return parsed.data
  const { path, message } = parsed.error.issues[0]!
  return path.length === 0 ? 'no {"key", "answer"}' : `${path.join('.')}: ${message}`
}
