import { pseudoText } from '../../services/translate/backends/pseudo.ts'

/** What the answers of a server say. */
export interface AnswerOptions {
  /** The answer to a segment; by default its letters as Arabic ones. */
  answer?(segment: string): string
  finishReason?: string
}

/** The body of a request, of chat or raw completion. */
export interface CompletionRequest {
  model: string
  prompt?: string
  messages?: { role: string; content: string }[]
  [key: string]: unknown
}

/** The completion of a request as OpenRouter writes it: with provider, usage and cost. */
export const completion = (path: string, body: CompletionRequest, options: AnswerOptions) => {
  const prompt = body.prompt ?? body.messages?.at(-1)?.content ?? ''
  const answer = (options.answer ?? pseudoText)(segmentOf(prompt))
  const usage = {
    prompt_tokens: Math.ceil(prompt.length / 4),
    completion_tokens: Math.ceil(answer.length / 4),
    cost: answer.length / 1e7,
  }
  const choice = { index: 0, finish_reason: options.finishReason ?? 'stop' }
  const choices = path.includes('/chat/')
    ? [{ ...choice, message: { role: 'assistant', content: answer } }]
    : [{ ...choice, text: answer }]
  return { model: body.model, provider: 'fake', usage, choices }
}

/** The segment in a prompt: between the fence marks, or between the first line and the language tag. */
export const segmentOf = (prompt: string): string => {
  const [, open = '', number = ''] = /(\n<<<TEXT(\d*)\n)/.exec(prompt) ?? []
  if (open === '') return prompt.slice(prompt.indexOf('\n') + 1).replace(/ <\w+>$/, '')
  return prompt.slice(prompt.indexOf(open) + open.length, prompt.lastIndexOf(`\nTEXT${number}>>>`))
}
