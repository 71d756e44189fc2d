import type { Bill } from './completion.ts'

/** A call as the server booked it. */
export interface BookedCall {
  /** SHA-256 of the request's body, in hex. */
  hash: string
  /** How often this body has come, from 1 on. */
  round: number
  /** Sample and attempt, by the request's seed (1000 × sample + attempt). */
  sample: number
  attempt: number
  /** `ok`, what was wrong with the answer, or the fault. */
  outcome: string
  /** Whether a completion was sent to its end. */
  paid: boolean
  /** What it was billed; 0 when it was not paid. */
  nano: number
  promptTokens: number
  completionTokens: number
  /** Milliseconds since 1970; `endMs` is when the answer or the connection ended. */
  startMs: number
  endMs: number
}

/** Sums over the calls that have ended. */
export interface BookTotals {
  calls: number
  /** Different bodies. */
  requests: number
  paid: number
  /** Different bodies among those paid, and paid calls whose body had been paid before. */
  paidRequests: number
  paidAgain: number
  /** Answers whose client had gone. */
  abandoned: number
  /** Nano-dollars: a whole number. */
  nano: number
  promptTokens: number
  completionTokens: number
  /** Ended calls by what became of them. */
  outcomes: Record<string, number>
}

/** A call under way. */
export interface OpenCall {
  digest: Buffer
  hash: string
  round: number
  startMs: number
}

/** The books of a server. */
export const openBooks = () => {
  let calls: BookedCall[] = []
  const rounds = new Map<string, number>()
  return {
    calls: (): readonly BookedCall[] => calls,
    begin(digest: Buffer): OpenCall {
      const hash = digest.toString('hex')
      const round = (rounds.get(hash) ?? 0) + 1
      rounds.set(hash, round)
      return { digest, hash, round, startMs: nowMs() }
    },
    end(
      { hash, round, startMs }: OpenCall,
      seed: unknown,
      outcome: string,
      bill: Bill | undefined,
      isComplete: boolean,
    ) {
      const number = typeof seed === 'number' ? seed : 0
      const paid = isComplete && bill !== undefined
      calls.push({
        ...{ hash, round, sample: Math.floor(number / 1000), attempt: number % 1000, paid },
        outcome: bill && !isComplete ? 'abandoned' : outcome,
        nano: paid ? bill.nano : 0,
        promptTokens: paid ? bill.promptTokens : 0,
        completionTokens: paid ? bill.completionTokens : 0,
        ...{ startMs, endMs: nowMs() },
      })
    },
    /** Forgets the calls, not how often bodies came. */
    clear() {
      calls = []
    },
  }
}

const nowMs = (): number => performance.timeOrigin + performance.now()

/** The sums of booked calls, of one server or several. */
export const totalsOf = (calls: readonly BookedCall[]): BookTotals => {
  const paid = calls.filter((call) => call.paid)
  const outcomes: Record<string, number> = {}
  for (const { outcome } of calls) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
  const sum = (of: (call: BookedCall) => number) => paid.reduce((all, call) => all + of(call), 0)
  const paidRequests = new Set(paid.map(({ hash }) => hash)).size
  return {
    calls: calls.length,
    requests: new Set(calls.map(({ hash }) => hash)).size,
    paid: paid.length,
    paidRequests,
    paidAgain: paid.length - paidRequests,
    abandoned: outcomes.abandoned ?? 0,
    nano: sum(({ nano }) => nano),
    promptTokens: sum(({ promptTokens }) => promptTokens),
    completionTokens: sum(({ completionTokens }) => completionTokens),
    outcomes,
  }
}
