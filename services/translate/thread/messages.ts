import { type ErrorCode, KalamError } from '../../../dataflow/error.ts'
import type { CalledConfig } from '../../config.ts'
import type { WaitEvent } from '../calls/retried.ts'
import type { StandReason } from '../calls/standing.ts'
import type { TranslateAnswer, TranslateRequest } from '../translator.ts'

/** What the thread that calls is told. Translators, requests and signals have numbers, since a thread cannot be given objects. */
export type ToThread =
  | { kind: 'open'; of: number; name: string; settings: CalledConfig }
  | { kind: 'ask'; ask: number; of: number; request: TranslateRequest; signal: number }
  | { kind: 'probe'; ask: number; of: number; targetLanguage: string; untilMs: number; signal: number }
  | { kind: 'abort'; signal: number }
  | { kind: 'close' }

/** What it tells. */
export type FromThread =
  /** A call has its place at the endpoint and is made: one of a request that was asked for, or the line's own. */
  | { kind: 'began'; call: number; of: number; ask: number | undefined; request: TranslateRequest | undefined }
  | { kind: 'ended'; call: number; usage: TranslateAnswer['usage'] | undefined; thrown: SentError | undefined }
  | { kind: 'answered'; ask: number; answer: TranslateAnswer | undefined }
  | { kind: 'failed'; ask: number; thrown: SentError }
  /** A line waits for its server; without `line` all lines do, for the shared memory. */
  | { kind: 'waits'; line: string | undefined; event: WaitEvent }
  | { kind: 'stands'; of: number; reason: StandReason | undefined; sinceMs: number }

/** An error as it passes between threads, where classes are lost. */
export interface SentError {
  message: string
  stack: string | undefined
  /** What a KalamError has besides; its details are texts, numbers and booleans. */
  kalam?: { code: ErrorCode; retryable: boolean; hint: string | undefined; details: Record<string, unknown> }
  /** What other errors have. */
  name?: string
  code?: unknown
  cause?: SentError
}

/** What was thrown, to be sent. */
export const sentError = (thrown: unknown): SentError => {
  if (!(thrown instanceof Error)) return { message: String(thrown), stack: undefined, name: 'Error' }
  const { message, stack, name, cause } = thrown
  const sent = { message, stack, ...(cause !== undefined && { cause: sentError(cause) }) }
  if (!(thrown instanceof KalamError)) return { ...sent, name, code: (thrown as NodeJS.ErrnoException).code }
  const { code, retryable, hint, details } = thrown
  return { ...sent, kalam: { code, retryable, hint, details } }
}

/** The error that was sent. */
export const receivedError = ({ message, stack, kalam, name = 'Error', code, cause }: SentError): Error => {
  const more = cause && { cause: receivedError(cause) }
  if (kalam) {
    const { hint, ...rest } = kalam
    const error = new KalamError(kalam.code, message, { ...rest, ...(hint !== undefined && { hint }), ...more })
    if (stack !== undefined) error.stack = stack
    return error
  }
  return Object.assign(new Error(message, more), { name, stack, ...(code !== undefined && { code }) })
}

/** How one side reaches the other: messages of a turn of the event loop go together. */
export interface ThreadPort<Out, In> {
  post(messages: Out[]): void
  onMessages(take: (messages: In[]) => void): void
}

/** What is done with each kind of message. */
export type Taking<Message extends { kind: string }> = {
  [Kind in Message['kind']]: (message: Extract<Message, { kind: Kind }>) => void
}

/** Does with messages what their kinds say. */
export const taking =
  <Message extends { kind: string }>(takes: Taking<Message>) =>
  (messages: readonly Message[]): void => {
    for (const message of messages) (takes[message.kind as Message['kind']] as (one: Message) => void)(message)
  }

/** So many messages go at once, before the turn is over. */
const mostTogether = 32

/** Gathers messages, in their order. */
export const gathered = <Message>(post: (messages: Message[]) => void): ((message: Message) => void) => {
  let waiting: Message[] = []
  const flush = () => {
    const messages = waiting
    waiting = []
    if (messages.length > 0) post(messages)
  }
  return (message) => {
    waiting.push(message)
    if (waiting.length === 1) setImmediate(flush)
    else if (waiting.length >= mostTogether) flush()
  }
}
