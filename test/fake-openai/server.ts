import { hash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { openBooks, totalsOf } from './books.ts'
import { type CompletionRequest, completion } from './completion.ts'
import { faultName, send, sendFault, sendSlowly } from './faults.ts'
import { type CallPlan, callPlanner } from './plan-call.ts'
import type { FakeCall, FakeOptions, FakeSettings } from './settings.ts'

/** What callers name when they start a server. */
export type { FakeCall, FakeOptions } from './settings.ts'

/** Counters of a server. */
export interface FakeStats {
  calls: number
  answered: number
  /** Answered calls whose body had been answered before. */
  repeated: number
  /** Most calls at once. */
  mostAtOnce: number
}

/**
 * An OpenAI-shaped server on loopback whose answers are a function of the request and a seed, and which keeps books. Beside
 * completions: GET /books (sums), /calls (every one), /stats, /key; POST /set (more settings), /clear (the books).
 */
export const fakeOpenai = async (options: FakeOptions = {}) => {
  const stats: FakeStats = { calls: 0, answered: 0, repeated: 0, mostAtOnce: 0 }
  const received: FakeCall[] = []
  const answeredBefore = new Set<string>()
  const books = openBooks()
  let settings = options
  let plan = callPlanner(settings)
  let down = false
  let atOnce = 0
  let spentNano = 0

  const set = (more: FakeSettings) => {
    settings = { ...settings, ...more }
    plan = callPlanner(settings)
  }
  const planOf = (path: string, text: string, call: ReturnType<typeof books.begin>, request: IncomingMessage) => {
    const body = JSON.parse(text) as CompletionRequest
    const got: FakeCall = { path, headers: request.headers, body, round: call.round }
    if (settings.record) received.push(got)
    const isDown: CallPlan['fault'] = { kind: 'status', status: 503, body: { error: { message: 'down' } } }
    const fault = down ? isDown : settings.fault?.(got)
    const { authorization } = request.headers
    const planned: CallPlan = fault ? { headers: {}, fault } : plan({ text, body, authorization }, call, spentNano)
    return { body, planned }
  }
  const answer = async (path: string, text: string, request: IncomingMessage, response: ServerResponse) => {
    const call = books.begin(hash('sha256', text, 'buffer'))
    const { body, planned } = planOf(path, text, call, request)
    const bill = planned.fault ? undefined : planned.bill
    const outcome = planned.fault ? faultName(planned.fault) : planned.answer.outcome
    response.once('close', () => {
      if (bill && response.writableFinished) spentNano += bill.nano
      books.end(call, body.seed, outcome, bill, response.writableFinished)
    })
    if (planned.fault) {
      const { fault, headers } = planned
      return sendFault(
        response,
        fault.kind === 'status' ? { ...fault, headers: { ...headers, ...fault.headers } } : fault,
      )
    }
    if (planned.latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, planned.latencyMs))
    stats.answered++
    if (answeredBefore.has(call.hash)) stats.repeated++
    answeredBefore.add(call.hash)
    const made = completion(path, body.model, settings.provider ?? 'fake', planned.answer, planned.bill)
    if (planned.bodyMs > 0) sendSlowly(response, made, planned.bodyMs)
    else send(response, 200, made, planned.headers)
  }
  const pages: Record<string, () => unknown> = {
    '/stats': () => stats,
    '/books': () => totalsOf(books.calls()),
    '/calls': () => books.calls(),
    '/key': () => ({
      data: { usage: spentNano / 1e9, limit_remaining: ((settings.balanceNano ?? 0) - spentNano) / 1e9 },
    }),
    '/models': () => ({ data: [{ id: 'fake', ...(settings.prices && { pricing: pricing(settings.prices) }) }] }),
    '/clear': () => books.clear(),
  }
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url ?? ''
    const page = pages[path.replace(/^.*(?=\/)/, '')]
    if (page) return send(response, 200, page() ?? {})
    if (path === '/set') {
      set(JSON.parse(await readBody(request)) as FakeSettings)
      return send(response, 200, {})
    }
    stats.calls++
    stats.mostAtOnce = Math.max(stats.mostAtOnce, ++atOnce)
    response.once('close', () => atOnce--)
    await answer(path, await readBody(request), request, response)
  }
  const server = createServer((request, response) => void handle(request, response).catch(() => response.destroy()))
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/v1`,
    stats,
    received,
    /** Calls that have ended, in the order of their ends. */
    calls: books.calls,
    books: () => totalsOf(books.calls()),
    /** Changes settings; counts of limits and outages begin anew. */
    set,
    /** Calls that have no answer yet. */
    underWay: () => atOnce,
    setDown(value: boolean) {
      down = value
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const pricing = ({ promptNano, completionNano }: NonNullable<FakeSettings['prices']>) => ({
  prompt: (promptNano / 1e9).toFixed(9),
  completion: (completionNano / 1e9).toFixed(9),
})

const readBody = (request: IncomingMessage): Promise<string> =>
  new Promise((resolve, reject) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.once('end', () => resolve((pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)).toString()))
    request.once('error', reject)
  })
