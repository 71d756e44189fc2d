import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { KalamError, messageOf } from '../../dataflow/error.ts'

/** Whether all is well, and what is to be known about it; sent as JSON. */
export interface Health {
  ok: boolean
  [fact: string]: unknown
}

/** What the server tells, and where. */
export interface HttpOptions {
  /** 0 takes any free port. */
  port: number
  /** 127.0.0.1 is reached from this machine only, 0.0.0.0 from everywhere. */
  host: string
  /** Whether the process works at all; if not, it is to be started anew. */
  health(): Health
  /** Whether it takes part in the work. */
  ready(): Promise<Health>
  /** All metrics in Prometheus' text format. */
  metrics(): Promise<{ type: string; text: string }>
}

/** A server that is listening. */
export interface HttpServer {
  readonly port: number
  close(): Promise<void>
}

/** Serves /healthz, /readyz and /metrics. KalamError port_in_use when another process has the port. */
export const serveHttp = async (options: HttpOptions): Promise<HttpServer> => {
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0] ?? ''
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return send(response, 405, 'text/plain', `${request.method} is not served here\n`)
    answer(options, path, response).catch((thrown) =>
      send(response, 500, 'application/json', `${JSON.stringify({ ok: false, reason: messageOf(thrown) })}\n`),
    )
  })
  server.headersTimeout = 10_000
  await listen(server, options)
  server.unref()
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const answer = async (options: HttpOptions, path: string, response: ServerResponse): Promise<void> => {
  if (path === '/metrics') {
    const { type, text } = await options.metrics()
    send(response, 200, type, text)
  } else if (path === '/healthz' || path === '/readyz') {
    const health = path === '/healthz' ? options.health() : await options.ready()
    send(response, health.ok ? 200 : 503, 'application/json', `${JSON.stringify(health)}\n`)
  } else send(response, 404, 'text/plain', 'there are /healthz, /readyz and /metrics\n')
}

const send = (response: ServerResponse, status: number, type: string, text: string): void => {
  // Probes come seconds apart: a connection kept for them would be closed just as the next one uses it.
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store', connection: 'close' })
  response.end(text)
}

const listen = (server: Server, { port, host }: HttpOptions): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)))
    server.listen(port, host, resolve)
  })

const listenError = (error: NodeJS.ErrnoException, host: string, port: number): KalamError => {
  const facts: Record<string, [fact: string, hint: string]> = {
    EADDRINUSE: [
      'another process listens there',
      `Give each worker of a machine a port of its own: --http ${port + 1} or KALAM_HTTP_PORT; --http 0 takes any free one.`,
    ],
    EACCES: ['this user may not listen there', 'Take a port from 1024 on: --http 9464 or KALAM_HTTP_PORT.'],
    EADDRNOTAVAIL: [
      'this machine has no such address',
      'KALAM_HTTP_HOST is 127.0.0.1 for this machine only, 0.0.0.0 for all of its addresses.',
    ],
  }
  const [fact, hint] = facts[error.code ?? ''] ?? [messageOf(error), 'Check --http and KALAM_HTTP_HOST.']
  return new KalamError('port_in_use', `listening on ${host}:${port}: ${fact}`, { hint, cause: error })
}
