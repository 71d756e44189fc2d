import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AnswerOptions, type CompletionRequest, completion } from './completion.ts'
import { type Fault, send, sendFault } from './faults.ts'
import { type FaultRates, randomFault } from './random-faults.ts'

/** A call as the server got it. */
export interface FakeCall {
  path: string
  headers: IncomingHttpHeaders
  body: CompletionRequest
  /** How often these bytes have come, from 1 on. */
  round: number
}

/** How the server behaves. */
export interface FakeOptions extends AnswerOptions, FaultRates {
  port?: number
  latencyMs?: number | (() => number)
  /** What goes wrong with a call; asked before the rates are. */
  fault?(call: FakeCall): Fault | undefined
  /** Whether calls are kept in `received`. */
  record?: boolean
}

/** Counters of a server. */
export interface FakeStats {
  calls: number
  answered: number
  /** Answered calls whose body had been answered before. */
  repeated: number
  /** Most calls at once. */
  mostAtOnce: number
}

/** An OpenAI-shaped server on loopback whose answers are a function of the request. */
export const fakeOpenai = async (options: FakeOptions = {}) => {
  const stats: FakeStats = { calls: 0, answered: 0, repeated: 0, mostAtOnce: 0 }
  const received: FakeCall[] = []
  const times = new Map<string, number>()
  const answeredBefore = new Set<string>()
  let down = false
  let atOnce = 0

  const answer = async (path: string, text: string, headers: IncomingHttpHeaders, response: ServerResponse) => {
    const round = (times.get(text) ?? 0) + 1
    times.set(text, round)
    const call: FakeCall = { path, headers, body: JSON.parse(text) as CompletionRequest, round }
    if (options.record) received.push(call)
    if (down) return send(response, 503, { error: { message: 'down' } })
    const fault = options.fault?.(call) ?? randomFault(text, round, options)
    if (fault) return sendFault(response, fault)
    const latencyMs = typeof options.latencyMs === 'function' ? options.latencyMs() : options.latencyMs
    if (latencyMs) await new Promise((resolve) => setTimeout(resolve, latencyMs))
    stats.answered++
    if (answeredBefore.has(text)) stats.repeated++
    answeredBefore.add(text)
    send(response, 200, completion(path, call.body, options))
  }
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url ?? ''
    if (path === '/stats') return send(response, 200, stats)
    if (path.endsWith('/models')) return send(response, 200, { data: [{ id: 'fake' }] })
    const text = await readBody(request)
    stats.calls++
    stats.mostAtOnce = Math.max(stats.mostAtOnce, ++atOnce)
    response.once('close', () => atOnce--)
    await answer(path, text, request.headers, response)
  }
  const server = createServer((request, response) => void handle(request, response).catch(() => response.destroy()))
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/v1`,
    stats,
    received,
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

const readBody = async (request: IncomingMessage): Promise<string> => {
  let text = ''
  request.setEncoding('utf8')
  for await (const piece of request) text += piece
  return text
}
