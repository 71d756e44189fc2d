import { type Answer, answerShares, answerTo } from './answers.ts'
import type { OpenCall } from './books.ts'
import { type Allowed, callCounter } from './call-limits.ts'
import { type Bill, billOf, type CompletionRequest, promptOf, segmentOf, tokensOf } from './completion.ts'
import { draw } from './draw.ts'
import type { Fault } from './faults.ts'
import { faultShares, randomFault } from './random-faults.ts'
import type { FakeOptions, Trouble } from './settings.ts'

/** What becomes of a call: a fault, or an answer after a time. */
export type CallPlan = { headers: Record<string, string> } & (
  | { fault: Fault }
  | { fault?: undefined; answer: Answer; bill: Bill; latencyMs: number; bodyMs: number }
)

const troubles: Record<Trouble, Fault> = {
  server_error: { kind: 'status', status: 500, body: { error: { message: 'broken' } } },
  reset: { kind: 'reset' },
  hang: { kind: 'hang' },
}
const refused = (status: number, message: string): { fault: Fault } => ({
  fault: { kind: 'status', status, body: { error: { message, code: status } } },
})

/** Decides what becomes of calls; the limits and the balance aside, by their bytes, their round and the seed alone. */
export const callPlanner = (options: FakeOptions) => {
  const { seed = 0, poison, outage, limits, key, balanceNano = Infinity } = options
  const faults = faultShares(options, options.retryAfterS)
  const answers = answerShares(options)
  const count = callCounter()
  let firstMs: number | undefined

  const latencyOf = ({ digest, round }: OpenCall): number => {
    if (options.slow && draw(digest, 'latency', round, seed) < options.slow) return options.slowMs ?? 20_000
    return (typeof options.latencyMs === 'function' ? options.latencyMs() : options.latencyMs) ?? 0
  }
  const trouble = (text: string, startMs: number): Fault | undefined => {
    firstMs ??= startMs
    if (poison && text.includes(poison.marker)) return troubles[poison.does]
    const sinceMs = startMs - firstMs
    return outage && sinceMs >= outage.fromMs && sinceMs < outage.toMs ? troubles[outage.does] : undefined
  }

  return (
    { text, body, authorization }: { text: string; body: CompletionRequest; authorization: string | undefined },
    call: OpenCall,
    spentNano: number,
  ): CallPlan => {
    let headers: Allowed['headers'] = {}
    const fault = trouble(text, call.startMs)
    if (fault) return { headers, fault }
    if (key !== undefined && authorization !== `Bearer ${key}`) return { headers, ...refused(401, 'no such key') }
    if (spentNano >= balanceNano) return { headers, ...refused(402, 'no credit is left') }
    const prompt = promptOf(body)
    if (limits) {
      const most = typeof body.max_tokens === 'number' ? body.max_tokens : tokensOf(prompt)
      const allowed = count(limits, tokensOf(prompt) + most, call.startMs)
      headers = allowed.headers
      if (!allowed.isAllowed) return { headers, ...refused(429, 'too many calls') }
    }
    const random = randomFault(call.digest, call.round, seed, faults)
    if (random) return { headers, fault: random }
    const answer = answerTo(segmentOf(prompt, options.markers), call.digest, seed, answers, options.answer)
    const isSlow = options.slowBodies && draw(call.digest, 'choice', call.round, seed) < options.slowBodies
    return {
      headers,
      answer: options.finishReason === undefined ? answer : { ...answer, finishReason: options.finishReason },
      bill: billOf(prompt, answer.text, options.prices),
      latencyMs: latencyOf(call),
      bodyMs: isSlow ? (options.slowBodyMs ?? 500) : 0,
    }
  }
}
