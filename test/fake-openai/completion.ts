import type { Answer } from './answers.ts'

/** The body of a request, of chat or raw completion. */
export interface CompletionRequest {
  model: string
  prompt?: string
  messages?: { role: string; content: string }[]
  [key: string]: unknown
}

/** What a token costs, in nano-dollars, so that sums are exact. */
export interface Prices {
  promptNano: number
  completionNano: number
}

/** What a call is billed. */
export interface Bill {
  promptTokens: number
  completionTokens: number
  /** Nano-dollars, a whole number. */
  nano: number
}

/** Tokens of a text, at four characters each. */
export const tokensOf = (text: string): number => Math.ceil(text.length / 4)

/** The bill of an answer; without prices 100 nano-dollars a character. */
export const billOf = (prompt: string, answer: string, prices: Prices | undefined): Bill => {
  const promptTokens = tokensOf(prompt)
  const completionTokens = tokensOf(answer)
  const nano = prices
    ? promptTokens * prices.promptNano + completionTokens * prices.completionNano
    : answer.length * 100
  return { promptTokens, completionTokens, nano }
}

/** A completion as OpenRouter writes it: with provider, native token counts and cost. */
export const completion = (
  path: string,
  model: string,
  provider: string,
  { text, finishReason }: Pick<Answer, 'text' | 'finishReason'>,
  { promptTokens, completionTokens, nano }: Bill,
) => {
  const choice = { index: 0, finish_reason: finishReason, native_finish_reason: finishReason }
  return {
    ...{ id: 'gen-fake', object: 'chat.completion', model, provider },
    usage: {
      prompt_tokens: promptTokens,
      completion_tokens: completionTokens,
      total_tokens: promptTokens + completionTokens,
      cost: nano / 1e9,
    },
    choices: path.includes('/chat/')
      ? [{ ...choice, message: { role: 'assistant', content: text } }]
      : [{ ...choice, text }],
  }
}

/** The prompt in a request: the last message, or the raw prompt. */
export const promptOf = ({ prompt, messages }: CompletionRequest): string => prompt ?? messages?.at(-1)?.content ?? ''

/**
 * The segment in a prompt: between the fence marks, between the last pair of the markers given (as a template may have
 * them), or between the first line and the language tag.
 */
export const segmentOf = (prompt: string, markers?: { open: string; close: string }): string => {
  if (markers) {
    const close = prompt.lastIndexOf(markers.close)
    const open = prompt.lastIndexOf(markers.open, close - markers.open.length)
    if (open >= 0 && close > open) return prompt.slice(open + markers.open.length, close).trim()
  }
  const [, open = '', number = ''] = /(\n<<<TEXT(\d*)\n)/.exec(prompt) ?? []
  if (open === '') return prompt.slice(prompt.indexOf('\n') + 1).replace(/ <\w+>$/, '')
  return prompt.slice(prompt.indexOf(open) + open.length, prompt.lastIndexOf(`\nTEXT${number}>>>`))
}
