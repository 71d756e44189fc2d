import type { IncomingHttpHeaders } from 'node:http'
import type { BadAnswerRates } from './answers.ts'
import type { CallLimits } from './call-limits.ts'
import type { CompletionRequest, Prices } from './completion.ts'
import type { Fault } from './faults.ts'
import type { FaultRates } from './random-faults.ts'

/** What never works or does not work for a while. */
export type Trouble = 'server_error' | 'reset' | 'hang'

/** How a server behaves; plain data, so that a process of its own can be told. */
export interface FakeSettings extends FaultRates, BadAnswerRates {
  /** Decides with the bytes of a request what becomes of it. */
  seed?: number
  latencyMs?: number
  /** The share of calls that take `slowMs` instead, by default 20 s. */
  slow?: number
  slowMs?: number
  /** The share of answers whose bodies come in pieces over `slowBodyMs`, by default 500 ms. */
  slowBodies?: number
  slowBodyMs?: number
  /** Retry-After of `rateLimited`, by default 0. */
  retryAfterS?: number
  /** What becomes of every call whose body has this text. */
  poison?: { marker: string; does: Trouble }
  /** What becomes of every call in a time, in milliseconds since the first call. */
  outage?: { fromMs: number; toMs: number; does: Trouble }
  limits?: CallLimits
  prices?: Prices
  /** Nano-dollars; calls that come when they are spent are refused with 402. */
  balanceNano?: number
  /** The key that every call must have. */
  key?: string
  provider?: string
  finishReason?: string
  /** What stands around the segment in prompts of a template. */
  markers?: { open: string; close: string }
}

/** A call as the server got it. */
export interface FakeCall {
  path: string
  headers: IncomingHttpHeaders
  body: CompletionRequest
  /** How often these bytes have come, from 1 on. */
  round: number
}

/** How a server in this process behaves. */
export interface FakeOptions extends Omit<FakeSettings, 'latencyMs'> {
  port?: number
  latencyMs?: number | (() => number)
  /** The answer to a segment; by default its letters as Arabic ones. */
  answer?(segment: string): string
  /** What goes wrong with a call; asked before all else. */
  fault?(call: FakeCall): Fault | undefined
  /** Whether calls are kept in `received`. */
  record?: boolean
}
