import { KalamError } from '../../../dataflow/error.ts'
import type { TranslateAnswer } from '../translator.ts'
import { isAmount } from './amount.ts'

/** What a program or module of the user answers. */
export interface OwnAnswer {
  text: string
  /** What the call took, as far as it is known. */
  usage?: {
    prompt_tokens?: number
    completion_tokens?: number
    cost_usd?: number
    model?: string
    provider?: string
    finish_reason?: string
  }
  /** `length` when the answer was cut off; then it is not taken. */
  finish_reason?: string
}

/** Where an answer comes from, for messages and usage. */
export interface OwnCall {
  /** What was being done. */
  doing: string
  latencyMs: number
  nowMs: number
}

/** The port's answer; KalamError server_error where there is no text in it. */
export const readOwnAnswer = (answer: unknown, { doing, latencyMs, nowMs }: OwnCall): TranslateAnswer => {
  const { text, usage, finish_reason } = recordOf(answer)
  if (typeof text !== 'string') {
    throw new KalamError('server_error', `${doing}: the answer has no "text": ${shown(answer)}`, { retryable: true })
  }
  const took = recordOf(usage)
  return {
    text: text.toWellFormed(),
    usage: {
      model: textOf(took.model),
      provider: textOf(took.provider),
      prompt_tokens: tokensOf(took.prompt_tokens),
      completion_tokens: tokensOf(took.completion_tokens),
      cost_usd: isAmount(took.cost_usd) ? took.cost_usd : null,
      latency_ms: latencyMs,
      finish_reason: textOf(finish_reason) || textOf(took.finish_reason) || 'stop',
      at_ms: nowMs,
    },
  }
}

/**
 * The error that a program or module tells. One that may pass is repeated; any other is a refusal of this text, as a server's 422: it is
 * recorded if other texts are answered, and stops the line if none is.
 */
export const ownError = (
  told: { message: string; retryable: boolean; name: string; cause?: unknown },
  doing: string,
) =>
  told.retryable
    ? new KalamError('server_error', `${doing}: it answered: ${short(told.message)}`, {
        retryable: true,
        details: { status: 500 },
        cause: told.cause,
      })
    : new KalamError('backend_refused', `${doing}: it answered: ${short(told.message)}`, {
        details: { status: 422 },
        hint: `Look at translators.${told.name} in pipeline.yaml and at what it runs.`,
        cause: told.cause,
      })

const short = (message: string): string => message.slice(0, 300).toWellFormed()

const shown = (answer: unknown): string => (JSON.stringify(answer) ?? 'nothing').slice(0, 100).toWellFormed()

const recordOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

const tokensOf = (value: unknown): number => (isAmount(value) ? Math.round(value) : 0)
