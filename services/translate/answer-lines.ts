import * as z from 'zod'
import type { KnownAnswer } from './memory.ts'
import type { TranslateAnswer } from './translator.ts'

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
const answer = z.object({ text: z.string(), usage, failure: failure.optional() })
const line = z.object({ key: z.string().regex(/^[0-9a-f]{64}$/, 'is no SHA-256 in hex'), answer })

/** An answer as a line of JSON, without its line feed. */
export const answerLine = ({ key, answer: { text, usage, failure } }: KnownAnswer): string =>
  JSON.stringify({ key, answer: { text, usage, failure } })

/** The answer of a line, or what is wrong with it. */
export const parseAnswerLine = (written: string): KnownAnswer | string => parsed(line, written, 'no {"key", "answer"}')

/** An answer without its key, as a shared memory has it, or what is wrong with it. */
export const parseAnswer = (written: string): TranslateAnswer | string =>
  parsed(answer, written, 'no {"text", "usage"}')

const parsed = <Value>(schema: z.ZodType<Value>, written: string, none: string): Value | string => {
  let value: unknown
  try {
    value = JSON.parse(written)
  } catch {
    return 'no JSON'
  }
  const found = schema.safeParse(value)
  if (found.success) return found.data
  const { path, message } = found.error.issues[0]!
  return path.length === 0 ? none : `${path.join('.')}: ${message}`
}
