import { isAmount } from './amount.ts'
import { brokenAnswer, type CallContext, isPage, refusalError } from './call-error.ts'

/** What is read of a completion, of chat or raw. */
export interface Completion {
  text: string
  model: string | undefined
  provider: string | undefined
  finishReason: string
  usage: { prompt_tokens?: number; completion_tokens?: number; cost?: number }
}

interface Choice {
  finish_reason?: string | null
  text?: unknown
  message?: { content?: unknown }
  error?: unknown
}

/**
 * The completion in the body of an answer with status 200. Such a body may hold an `error` instead (OpenRouter does that),
 * no choice, or no JSON: KalamError as for the same refusal by status, or server_error.
 */
export const readCompletion = (body: unknown, context: CallContext): Completion => {
  if (typeof body !== 'object' || body === null)
    throw brokenAnswer(isPage(body) ? 'is no JSON object but a page of HTML' : 'is no JSON object', context)
  const { error, choices, model, provider, usage } = body as Record<string, unknown>
  const choice: Choice | undefined = Array.isArray(choices) ? choices[0] : undefined
  const refused = error ?? choice?.error
  if (refused) throw refusalError({ status: statusOf(refused), message: messageIn(refused), error: refused }, context)
  if (!choice) throw brokenAnswer('has no choices', context)
  const text = choice.message?.content ?? choice.text ?? ''
  if (typeof text !== 'string') throw brokenAnswer('has a content that is no text', context)
  return {
    text,
    model: typeof model === 'string' ? model : undefined,
    provider: typeof provider === 'string' ? provider : undefined,
    finishReason: choice.finish_reason ?? '',
    usage: usageOf(usage),
  }
}

/** What a server tells that cannot be is not told: it is added up, kept, and counts against budgets. */
const usageOf = (usage: unknown): Completion['usage'] => {
  if (typeof usage !== 'object' || usage === null) return {}
  const { prompt_tokens, completion_tokens, cost } = usage as Record<string, unknown>
  return {
    ...(isAmount(prompt_tokens) && { prompt_tokens: Math.round(prompt_tokens) }),
    ...(isAmount(completion_tokens) && { completion_tokens: Math.round(completion_tokens) }),
    ...(isAmount(cost) && { cost }),
  }
}

/** The status in an error's code; an error without one is the server's. */
const statusOf = (error: unknown): number => {
  const status = Number((error as { code?: unknown }).code)
  return status >= 400 && status < 600 ? status : 500
}

const messageIn = (error: unknown): string => {
  const { message } = error as { message?: unknown }
  return typeof message === 'string' ? message : JSON.stringify(error)
}
