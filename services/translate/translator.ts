import type { ErrorCode } from '../../dataflow/error.ts'
import type { Attempt } from '../../schemas/records.ts'
import type { Bill } from './ledger.ts'

/** What is asked of a translator for one segment. */
export interface TranslateRequest {
  /** The segment, without outer white space; never empty. */
  text: string
  /** BCP 47 codes. */
  sourceLanguage: string
  targetLanguage: string
  /** Conversation id, for look-ups that need the place and for error messages. */
  id: string
  messageIndex: number
  /** Which of `samples`. */
  sample: number
  /** Zero-based; seed and temperature are a pure function of it. */
  attempt: number
}

/** A translator's answer and what the call took. */
export interface TranslateAnswer {
  text: string
  fromMemory?: boolean
  usage: Omit<Attempt, 'outcome' | 'from_memory' | 'step'>
  /** Why there is none: the call was given up, which the memory keeps like an answer. */
  failure?: { code: ErrorCode; message: string; ofText: boolean } | undefined
  /** What is to be booked when the answer is stored. */
  bill?: Bill | undefined
}

/** Usage of a call that cost nothing and took no time worth telling. */
export const noUsage: TranslateAnswer['usage'] = {
  model: '',
  provider: '',
  prompt_tokens: 0,
  completion_tokens: 0,
  cost_usd: 0,
  latency_ms: 0,
  finish_reason: 'stop',
  at_ms: 0,
}

/** What goes with a call besides what is asked. */
export interface CallOptions {
  signal: AbortSignal
  /** Told, beside a good answer, for how many milliseconds the server wants no further calls. */
  onRest?: ((ms: number) => void) | undefined
  /** Told when the call has its place at the endpoint. */
  onPlace?: (() => void) | undefined
}

/**
 * The translator port. `translate` resolves with the raw answer or rejects with a KalamError whose `retryable`
 * is decided where the error is made. A caller may run up to `slots` calls at once.
 */
export interface Translator {
  /** Kind of backend: recorded, pseudo, openai, … */
  readonly backend: string
  /** Changes whenever answers may change; part of the memory's key and of the settings hash. */
  readonly fingerprint: string
  readonly slots: number
  /** Whether calls cost time or money, so that their answers go into the memory. */
  readonly paid: boolean
  /** The whole rendered request as it would be sent, for the memory's key and for `try`. */
  render(request: TranslateRequest): string
  /** The most tokens that a call can take, where that is known. */
  most?(request: TranslateRequest): { prompt: number; completion: number }
  /** What is said to a model besides the text, so that it can be found in an answer; backends without a prompt have none. */
  instructions?(languages: Pick<TranslateRequest, 'sourceLanguage' | 'targetLanguage'>): string
  /** The answer at once, where it needs no waiting: local backends have it, so that millions of chunks need no promise each. */
  translateNow?(request: TranslateRequest): TranslateAnswer
  translate(request: TranslateRequest, options: CallOptions): Promise<TranslateAnswer>
  close?(): Promise<void>
}
