import { createHash } from 'node:crypto'
import type { Fault } from './faults.ts'

/** How often calls go wrong, from 0 to 1. */
export interface FaultRates {
  rateLimited?: number
  serverErrors?: number
  hangs?: number
  /** Connections reset, bodies cut off and answers that are no JSON, a third each. */
  broken?: number
}

/** The fault of a call, decided by the request's bytes and how often they came; undefined = none. */
export const randomFault = (body: string, round: number, rates: FaultRates): Fault | undefined => {
  const { rateLimited = 0, serverErrors = 0, hangs = 0, broken = 0 } = rates
  if (rateLimited + serverErrors + hangs + broken === 0) return undefined
  const draw = createHash('sha256').update(`${round}\0${body}`).digest().readUInt32LE(0) / 2 ** 32
  if (draw < rateLimited) {
    return {
      kind: 'status',
      status: 429,
      headers: { 'retry-after': '0' },
      body: { error: { message: 'slow down' } },
    }
  }
  if (draw < rateLimited + serverErrors) return { kind: 'status', status: 500, body: { error: { message: 'broken' } } }
  if (draw < rateLimited + serverErrors + hangs) return { kind: 'hang' }
  const third = Math.floor(((draw - rateLimited - serverErrors - hangs) * 3) / broken)
  return ([{ kind: 'reset' }, { kind: 'half_body' }, { kind: 'garbage', text: '<html>502</html>' }] as const)[third]
}
