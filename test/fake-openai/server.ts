import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { pseudoText } from '../../services/translate/backends/pseudo.ts'

/** How the server behaves; rates from 0 to 1, decided by the request's bytes and how often they came. */
export interface FakeOptions {
  port?: number
  latencyMs?: number
  rateLimited?: number
  serverErrors?: number
  hangs?: number
  /** The answer to a segment; by default its letters as Arabic ones. */
  answer?(segment: string): string
  finishReason?: string
}

/** Counters of a server. */
export interface FakeStats {
  calls: number
  answered: number
  /** Answered calls whose body had been answered before. */
  repeated: number
}

/** An OpenAI-shaped server on loopback whose answers are a function of the request. */
export const fakeOpenai = async (options: FakeOptions = {}) => {
  const stats: FakeStats = { calls: 0, answered: 0, repeated: 0 }
  const times = new Map<string, number>()
  const answeredBefore = new Set<string>()
  let down = false
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.url === '/stats') return send(response, 200, stats)
    if (request.url?.endsWith('/models')) return send(response, 200, { data: [{ id: 'fake' }] })
    const body = await readBody(request)
    stats.calls++
    if (down) return send(response, 503, { error: { message: 'down' } })
    const round = (times.get(body) ?? 0) + 1
    times.set(body, round)
    const draw = createHash('sha256').update(`${round}\0${body}`).digest().readUInt32LE(0) / 2 ** 32
    const { rateLimited = 0, serverErrors = 0, hangs = 0 } = options
    if (draw < rateLimited) return send(response, 429, { error: { message: 'slow down' } }, { 'retry-after': '0' })
    if (draw < rateLimited + serverErrors) return send(response, 500, { error: { message: 'broken' } })
    if (draw < rateLimited + serverErrors + hangs) return
    if (options.latencyMs) await new Promise((resolve) => setTimeout(resolve, options.latencyMs))
    stats.answered++
    if (answeredBefore.has(body)) stats.repeated++
    answeredBefore.add(body)
    send(response, 200, completion(request.url ?? '', body, options))
  }
  const server = createServer((request, response) => void handle(request, response))
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/v1`,
    stats,
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

const completion = (url: string, text: string, options: FakeOptions) => {
  const body = JSON.parse(text) as { model: string; prompt?: string; messages?: { content: string }[] }
  const segment = segmentOf(body.prompt ?? body.messages?.at(-1)?.content ?? '')
  const answer = (options.answer ?? pseudoText)(segment)
  const usage = {
    prompt_tokens: Math.ceil(text.length / 4),
    completion_tokens: Math.ceil(answer.length / 4),
    cost: answer.length / 1e7,
  }
  const choice = { index: 0, finish_reason: options.finishReason ?? 'stop' }
  return url.includes('/chat/')
    ? {
        model: body.model,
        provider: 'fake',
        usage,
        choices: [{ ...choice, message: { role: 'assistant', content: answer } }],
      }
    : { model: body.model, provider: 'fake', usage, choices: [{ ...choice, text: answer }] }
}

/** The segment in a prompt: between the fence marks, or between the first line and the language tag. */
const segmentOf = (prompt: string): string => {
  const open = prompt.lastIndexOf('\n<<<TEXT\n')
  if (open >= 0) return prompt.slice(open + '\n<<<TEXT\n'.length, prompt.lastIndexOf('\nTEXT>>>'))
  return prompt.slice(prompt.indexOf('\n') + 1).replace(/ <\w+>$/, '')
}

const readBody = async (request: IncomingMessage): Promise<string> => {
  let text = ''
  for await (const piece of request) text += piece
  return text
}

const send = (response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}
