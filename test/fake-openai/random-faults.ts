import { draw, pick } from './draw.ts'
import type { Fault } from './faults.ts'

/** How often calls go wrong, from 0 to 1 each, together at most 1. */
export interface FaultRates {
  /** 429 with Retry-After, and without. */
  rateLimited?: number
  rateLimitedSilently?: number
  /** 500. */
  serverErrors?: number
  hangs?: number
  /** Connections reset, bodies cut off and answers that are no JSON, a third each. */
  broken?: number
  resets?: number
  halfBodies?: number
  /** JSON that breaks off. */
  garbage?: number
  /** An HTML page with status 200. */
  pages?: number
  /** A completion without choices. */
  noChoices?: number
  /** 401 and 402. */
  unauthorized?: number
  noCredit?: number
}

const refused = (status: number, message: string, headers: Record<string, string> = {}): Fault => ({
  ...{ kind: 'status', status, headers },
  body: { error: { message, code: status } },
})
const garbage: Fault = { kind: 'garbage', text: '{"choices":[{"message":{"conte' }
const page: Fault = { kind: 'garbage', text: '<html>502</html>', type: 'text/html' }

/** The shares of the faults that rates tell, for `randomFault`. */
export const faultShares = (rates: FaultRates, retryAfterS = 0): [Fault, number][] => {
  const { broken = 0 } = rates
  const shares: [Fault, number | undefined][] = [
    [refused(429, 'slow down', { 'retry-after': String(retryAfterS) }), rates.rateLimited],
    [refused(429, 'slow down'), rates.rateLimitedSilently],
    [refused(500, 'broken'), rates.serverErrors],
    [{ kind: 'hang' }, rates.hangs],
    [{ kind: 'reset' }, (rates.resets ?? 0) + broken / 3],
    [{ kind: 'half_body' }, (rates.halfBodies ?? 0) + broken / 3],
    [garbage, rates.garbage],
    [page, (rates.pages ?? 0) + broken / 3],
    [{ kind: 'body', body: { model: 'fake', choices: [] } }, rates.noChoices],
    [refused(401, 'no such key'), rates.unauthorized],
    [refused(402, 'no credit'), rates.noCredit],
  ]
  return shares.flatMap(([fault, share = 0]): [Fault, number][] => (share > 0 ? [[fault, share]] : []))
}

/** The fault of a call, decided by the request's bytes and how often they came; undefined = none. */
export const randomFault = (
  digest: Buffer,
  round: number,
  seed: number,
  shares: readonly [Fault, number][],
): Fault | undefined => (shares.length === 0 ? undefined : pick(draw(digest, 'fault', round, seed), shares))
