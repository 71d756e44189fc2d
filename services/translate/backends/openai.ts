import { createHash } from 'node:crypto'
import OpenAI, { APIConnectionError, APIConnectionTimeoutError, APIError } from 'openai'
import { Agent, request as undiciRequest } from 'undici'
import { KalamError, messageOf } from '../../../dataflow/error.ts'
import { instruct } from '../prompts/instruct.ts'
import type { Prompt } from '../prompts/prompt.ts'
import { seedX } from '../prompts/seed-x.ts'
import type { TranslateAnswer, TranslateRequest, Translator } from '../translator.ts'

const version = 1
const prompts: Record<string, Prompt> = { instruct, 'seed-x': seedX }

/** Settings of a model behind an OpenAI-compatible server. */
export interface OpenaiOptions {
  /** Name of the translator, for messages. */
  name: string
  url: string
  /** The key, and the variable it came from. */
  key: { value: string; variable: string } | undefined
  api: 'chat' | 'completions'
  model: string
  prompt: 'instruct' | 'seed-x'
  sampling: { temperature: number; max_tokens?: number | undefined }
  timeoutMs: number
  slots: number
  now(): number
}

interface Usage {
  prompt_tokens?: number
  completion_tokens?: number
  cost?: number
}

interface Completion {
  model?: string
  provider?: string
  usage?: Usage
  choices: { finish_reason?: string | null; text?: string; message?: { content?: string | null } }[]
}

/**
 * A model behind any OpenAI-compatible server: vLLM, OpenRouter, Ollama and others, by chat or raw completion.
 * Attempt k > 0 and sample s ask with seed 1000 s + k, and a repeated attempt with a temperature 0.2 k higher (at most 1).
 */
export const openai = (options: OpenaiOptions): Translator => {
  const prompt = prompts[options.prompt]!
  const agent = new Agent({ connections: options.slots, keepAliveTimeout: 60_000, headersTimeout: 0, bodyTimeout: 0 })
  const client = new OpenAI({
    baseURL: options.url,
    apiKey: options.key?.value ?? 'none',
    maxRetries: 0,
    timeout: options.timeoutMs,
    fetch: lightFetch(agent),
  })
  const fingerprint = createHash('sha256')
    .update(
      JSON.stringify([
        `openai@${version}`,
        options.api,
        options.model,
        prompt.name,
        prompt.version,
        options.sampling,
        prompt.render(probe),
      ]),
    )
    .digest('hex')

  const body = (request: TranslateRequest): Record<string, unknown> => {
    const { temperature, max_tokens } = options.sampling
    const repeated = request.attempt > 0 || request.sample > 0
    return {
      model: options.model,
      ...prompt.render(request),
      temperature: Math.min(1, temperature + 0.2 * request.attempt),
      ...(max_tokens !== undefined && { max_tokens }),
      ...(repeated && { seed: 1000 * request.sample + request.attempt }),
    }
  }
  return {
    backend: 'openai',
    fingerprint,
    slots: options.slots,
    paid: true,
    render: (request) => JSON.stringify(body(request)),
    async translate(request, { signal }): Promise<TranslateAnswer> {
      const started = performance.now()
      const path = options.api === 'chat' ? '/chat/completions' : '/completions'
      const completion = await client.post<Completion>(path, { body: body(request), signal }).catch((thrown) => {
        throw callError(thrown, options, request)
      })
      const choice = completion.choices[0]
      return {
        text: prompt.parse(choice?.message?.content ?? choice?.text ?? ''),
        usage: {
          model: completion.model ?? options.model,
          provider: completion.provider ?? '',
          prompt_tokens: completion.usage?.prompt_tokens ?? 0,
          completion_tokens: completion.usage?.completion_tokens ?? 0,
          cost_usd: completion.usage?.cost ?? null,
          latency_ms: performance.now() - started,
          finish_reason: choice?.finish_reason ?? '',
          at_ms: options.now(),
        },
      }
    },
    close: () => agent.close(),
  }
}

const probe = { text: '\u0000', sourceLanguage: 'en', targetLanguage: 'ar' }

/** fetch over undici's request: a fraction of the cost per call of the global one. */
const lightFetch =
  (agent: Agent): typeof fetch =>
  async (input, init) => {
    const headers = Object.fromEntries(new Headers(init?.headers).entries())
    const {
      statusCode,
      headers: answered,
      body,
    } = await undiciRequest(String(input), {
      method: (init?.method ?? 'GET') as 'GET' | 'POST',
      headers,
      body: (init?.body as string | undefined) ?? null,
      signal: init?.signal ?? null,
      dispatcher: agent,
    })
    const text = await body.text()
    const flat = Object.entries(answered).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, String(value)]],
    )
    return new Response(statusCode === 204 ? null : text, { status: statusCode, headers: flat })
  }

const callError = (thrown: unknown, options: OpenaiOptions, { id, messageIndex }: TranslateRequest): unknown => {
  const doing = `translating ${id}#${messageIndex} with ${options.name}`
  if (thrown instanceof APIConnectionTimeoutError) {
    return new KalamError('timeout', `${doing}: no answer in ${options.timeoutMs / 1000} s`, {
      retryable: true,
      cause: thrown,
    })
  }
  if (thrown instanceof APIConnectionError) {
    const fact = messageOf((thrown as { cause?: unknown }).cause ?? thrown)
    return new KalamError('backend_unreachable', `${doing}: ${options.url}: ${fact}`, {
      retryable: true,
      hint: `Check the server: curl ${options.url}/models`,
      cause: thrown,
    })
  }
  if (!(thrown instanceof APIError) || typeof thrown.status !== 'number') return thrown
  const fact = `${doing}: the server answered ${thrown.status}: ${thrown.message.slice(0, 300)}`
  const details = { status: thrown.status, retryAfterMs: retryAfterMs(thrown.headers as Headers | undefined) }
  if (thrown.status === 429) return new KalamError('rate_limited', fact, { retryable: true, details, cause: thrown })
  if (thrown.status === 402)
    return new KalamError('budget_used_up', fact, {
      retryable: true,
      details,
      hint: 'Top up the balance; the line looks again by itself.',
      cause: thrown,
    })
  if (thrown.status >= 500 || thrown.status === 408)
    return new KalamError('server_error', fact, { retryable: true, details, cause: thrown })
  const hint =
    thrown.status === 401 || thrown.status === 403
      ? `Check translators.${options.name}.key in pipeline.yaml${options.key ? ` and the variable ${options.key.variable}` : ': it names no variable with a key'}.`
      : `Check translators.${options.name}: model, api and url.`
  return new KalamError('backend_refused', fact, { details, hint, cause: thrown })
}

const retryAfterMs = (headers: Headers | undefined): number | undefined => {
  const text = headers?.get('retry-after')
  if (!text) return undefined
  const seconds = Number(text)
  return Number.isFinite(seconds) ? seconds * 1000 : Math.max(0, Date.parse(text) - Date.now())
}
