import { setMaxListeners } from 'node:events'
import type { Chunk } from '../../../schemas/records.ts'
import { type OpenaiOptions, openai } from '../../../services/translate/backends/openai.ts'
import type { RetryOptions } from '../../../services/translate/calls/retried.ts'
import { type Ledger, nothing } from '../../../services/translate/ledger.ts'
import type { Memory } from '../../../services/translate/memory.ts'
import { plainRules } from '../../../services/translate/segment-rules.ts'
import type { ChunkTranslator } from '../../../services/translate/translate-chunk.ts'
import type { TranslateAnswer, TranslateRequest, Translator } from '../../../services/translate/translator.ts'

/** The chat backend of a server, with short timeouts. */
export const backendOf = (url: string | string[], options: Partial<OpenaiOptions> = {}): Translator =>
  openai({
    name: 'gemma3',
    urls: [url].flat(),
    key: undefined,
    api: 'chat',
    model: 'gemma-3-27b',
    prompt: 'instruct',
    sampling: { temperature: 0 },
    extra: {},
    timeoutMs: 5000,
    slots: 8,
    now: () => 1_700_000_000_000,
    ...options,
  })

/** Repeats with waits of a few milliseconds. */
export const quickly: RetryOptions = { attempts: 5, firstWaitMs: 2, longestWaitMs: 10, random: () => 0.5 }

/** What is asked for one segment. */
export const requestOf = (text: string, more: Partial<TranslateRequest> = {}): TranslateRequest => ({
  text,
  sourceLanguage: 'en',
  targetLanguage: 'ar',
  id: 's1k/train/7',
  messageIndex: 2,
  sample: 0,
  attempt: 0,
  ...more,
})

/** A chunk to translate, the only one of its message. */
export const chunkOf = (text: string, more: Partial<Chunk> = {}): Chunk => ({
  role: 'user',
  message_index: 2,
  message_count: 3,
  part_index: 0,
  part_type: 'text',
  chunk_index: 0,
  chunk_count: 1,
  kind: 'translate',
  start: 0,
  text,
  ...more,
})

/** A translator line for translateChunk. */
export const lineOf = (translator: Translator, attempts = 3): ChunkTranslator => ({
  translator,
  sample: 0,
  rules: plainRules(attempts),
  languages: () => ({ source: 'en', target: 'ar' }),
})

/** A signal that nobody aborts. */
export const calm = new AbortController().signal
setMaxListeners(0, calm)

/** A memory that lasts as long as the test, with a ledger that books and refuses nothing. */
export const shortMemory = (): Memory & {
  answers: Map<string, TranslateAnswer>
  ledger: Ledger
  keep: Memory['put']
} => {
  const answers = new Map<string, TranslateAnswer>()
  let reservations = 0
  const put: Memory['put'] = async (entries) => {
    for (const { key, answer } of entries) if (!answers.has(key)) answers.set(key, answer)
    return entries.map(({ key, answer }) => answers.get(key) ?? answer)
  }
  return {
    answers,
    get: async (keys) => keys.map((key) => answers.get(key)),
    put,
    keep: put,
    count: async () => answers.size,
    async *entries() {
      yield [...answers].map(([key, answer]) => ({ key, answer }))
    },
    remove: async (keys) => keys.filter((key) => answers.delete(key)).length,
    close: async () => {},
    ledger: {
      reserve: async () => String(reservations++),
      free: async () => {},
      doubt: async () => {},
      takeOfDay: async () => true,
      counted: () => 0,
      count: async () => {},
      account: () => ({ spent: nothing, inDoubt: nothing, reserved: nothing }),
      accounts: () => [],
    },
  }
}

/** What a promise was rejected with. */
export const rejection = async (promise: Promise<unknown>): Promise<unknown> => {
  try {
    await promise
  } catch (thrown) {
    return thrown
  }
  throw new Error('it was not rejected')
}
