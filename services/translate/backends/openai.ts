import { createHash } from 'node:crypto'
import { type PromptSetting, promptOf } from '../prompts/index.ts'
import type { Prompt } from '../prompts/prompt.ts'
import type { TranslateAnswer, TranslateRequest, Translator } from '../translator.ts'
import { restMs } from './asked-wait.ts'
import type { OpenaiCalls } from './openai-calls.ts'

const version = 1
/** The most that models behind OpenRouter answer when a request sets no limit, in tokens. */
const defaultMost = 8192
const templateTokens = 64

/** Settings of a model behind OpenAI-compatible servers. */
export interface OpenaiOptions {
  /** Name of the translator, for messages. */
  name: string
  /** Base URLs of servers of the same model; each call goes to the least busy one. */
  urls: string[]
  /** The variables that the URLs came from, for messages. */
  urlVariables?: string[] | undefined
  /** The key, and the variable it came from. */
  key: { value: string; variable: string } | undefined
  api: 'chat' | 'completions'
  model: string
  prompt: PromptSetting
  sampling: { temperature: number; max_tokens?: number | undefined }
  /** Further fields of every request, which win over ours. */
  extra: Record<string, unknown>
  timeoutMs: number
  slots: number
  now(): number
}

/**
 * A model behind any OpenAI-compatible server: vLLM, OpenRouter, Ollama and others, by chat or raw completion.
 * Attempt k > 0 and sample s ask with seed 1000 s + k, and a repeated attempt with a temperature 0.2 k higher (at most 1).
 */
export const openai = (options: OpenaiOptions): Translator => {
  const prompt = promptOf(options.prompt)
  let calls: Promise<OpenaiCalls> | undefined
  // The packages that call are large: commands that make no call do not wait for them.
  const opened = (): Promise<OpenaiCalls> => {
    calls ??= import('./openai-calls.ts').then(({ openaiCalls }) => openaiCalls(options))
    return calls
  }
  const body = (request: TranslateRequest) => bodyOf(request, prompt, options)
  // The memory's key needs it long before the call. As bytes it lies outside the heap, where no garbage collection copies it.
  const rendered = new WeakMap<TranslateRequest, Buffer>()
  const render = (request: TranslateRequest): string => {
    const text = JSON.stringify(body(request))
    rendered.set(request, Buffer.from(text))
    return text
  }
  const bytesOf = (request: TranslateRequest): Buffer => {
    if (!rendered.has(request)) render(request)
    return rendered.get(request)!
  }
  const settings = prompt.settings === undefined ? [] : [prompt.settings]
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([`openai@${version}`, options.api, prompt.name, prompt.version, ...settings, body(probe)]))
    .digest('hex')

  return {
    backend: 'openai',
    fingerprint,
    slots: options.slots,
    paid: true,
    render,
    most(request) {
      const whole = body(request)
      const asked = Number(whole.max_tokens ?? whole.max_completion_tokens ?? defaultMost)
      // No tokenizer makes more tokens of a text than it has bytes; a chat template adds some of its own.
      return { prompt: Buffer.byteLength(JSON.stringify(whole)) + templateTokens, completion: asked }
    },
    instructions: (languages) => prompt.instructions(languages),
    async translate(request, { signal, onRest }): Promise<TranslateAnswer> {
      const { call } = await opened()
      const { completion, startedMs, header } = await call(request, bytesOf(request), signal)
      const { text, provider, finishReason, usage, model } = completion
      const rest = onRest && restMs(header, options.now(), (usage.prompt_tokens ?? 0) + (usage.completion_tokens ?? 0))
      if (rest !== undefined) onRest?.(rest)
      return {
        // The memory keeps a half of a surrogate pair as U+FFFD: a replay would meet another text.
        text: prompt.parse(text.toWellFormed()),
        usage: {
          model: model ?? options.model,
          provider: provider ?? '',
          prompt_tokens: usage.prompt_tokens ?? 0,
          completion_tokens: usage.completion_tokens ?? 0,
          cost_usd: usage.cost ?? null,
          latency_ms: performance.now() - startedMs,
          finish_reason: finishReason,
          at_ms: options.now(),
        },
      }
    },
    // Several lines may share it, and each is closed.
    close: async () => (await calls)?.close(),
  }
}

const probe: TranslateRequest = {
  ...{ text: '\u0000', sourceLanguage: 'en', targetLanguage: 'ar' },
  ...{ id: '', messageIndex: 0, sample: 0, attempt: 0 },
}

const bodyOf = (
  request: TranslateRequest,
  prompt: Prompt,
  { model, sampling, extra }: OpenaiOptions,
): Record<string, unknown> => {
  const { attempt, sample } = request
  const maxTokens = sampling.max_tokens ?? prompt.maxTokens?.(attempt)
  return {
    model,
    ...prompt.render(request),
    ...(prompt.stop && { stop: prompt.stop }),
    temperature: temperatureOf(sampling.temperature, attempt),
    ...(maxTokens !== undefined && { max_tokens: maxTokens }),
    ...((attempt > 0 || sample > 0) && { seed: 1000 * sample + attempt }),
    ...extra,
  }
}

/** Rounded, so that 0.7 + 0.2 is 0.9. */
const temperatureOf = (set: number, attempt: number): number =>
  Math.max(set, Math.min(1, Math.round((set + 0.2 * attempt) * 100) / 100))
