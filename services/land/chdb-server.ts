/**
 * Serves a chDB folder as a ClickHouse server over HTTP on loopback, for as long as its parent lives.
 * Environment: KALAM_CHDB_FOLDER, KALAM_CHDB_PASSWORD. Prints its port as one line of JSON. The line `close` on stdin
 * ends it in good order; stdin closed without it means that the parent is gone.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createInterface } from 'node:readline'
import { Session } from 'chdb'
import { insertOf, parametersOf, readBody, splitFormat } from './chdb-request.ts'

const folder = process.env.KALAM_CHDB_FOLDER ?? ''
const password = process.env.KALAM_CHDB_PASSWORD ?? ''
const settings = [
  '--output_format_json_quote_64bit_integers=0',
  '--async_insert=0',
  '--max_threads=2',
  // Rows come in small pieces: cutting these for several threads costs more than it saves.
  '--input_format_parallel_parsing=0',
  '--background_pool_size=2',
]
const writer = new Session(folder, { connectionArgs: settings })
await writer.queryAsync('CREATE DATABASE IF NOT EXISTS kalam')
await writer.queryAsync('USE kalam')
/** Queries have a connection that cannot change tables; the engine itself refuses. */
const reader = new Session(folder, { connectionArgs: [...settings, '--readonly=2'] })
await reader.queryAsync('USE kalam')

/** Statements run one after another: chDB's parameters are not kept apart between connections. */
let last: Promise<unknown> = Promise.resolve()
const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
  const result = last.then(work, work)
  last = result
  return result
}

const authorized = (request: IncomingMessage): boolean => {
  const basic = Buffer.from((request.headers.authorization ?? '').replace(/^Basic /, ''), 'base64').toString()
  return basic === `kalam:${password}`
}

const answer = async (request: IncomingMessage): Promise<Uint8Array | string> => {
  const url = new URL(request.url ?? '/', 'http://localhost')
  if (url.pathname === '/ping') return 'Ok.\n'
  const body = await readBody(request)
  const query = url.searchParams.get('query')
  if (query) {
    const insert = insertOf(query)
    if (insert?.format !== 'JSONCompactEachRow') throw new Error(`cannot take data for: ${query.slice(0, 200)}`)
    if (body.length > 0) await inTurn(() => writer.insert({ ...insert, values: body, format: 'JSONCompactEachRow' }))
    return ''
  }
  const session = url.searchParams.has('readonly') ? reader : writer
  const parameters = parametersOf(url)
  const { sql, format } = splitFormat(body.toString())
  const result = await inTurn(() =>
    Object.keys(parameters).length > 0
      ? session.queryBindAsync(sql, parameters, { format })
      : session.queryAsync(sql, { format }),
  )
  return result.bytes()
}

const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  if (!authorized(request) && request.url !== '/ping') {
    response.writeHead(401).end('Code: 516. Authentication failed')
    return
  }
  try {
    const body = await answer(request)
    response
      .writeHead(200, { 'content-type': 'text/plain; charset=utf-8', 'x-clickhouse-format': 'JSONEachRow' })
      .end(body)
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown)
    response
      .writeHead(500, { 'x-clickhouse-exception-code': '1' })
      .end(message.startsWith('Code:') ? message : `Code: 1. ${message}`)
  }
}

const server = createServer((request, response) => void respond(request, response))
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.stdout.write(`${JSON.stringify({ port: typeof address === 'object' ? address?.port : 0 })}\n`)
})

let closing = false
const close = async () => {
  closing = true
  server.close()
  await last.catch(() => undefined)
  reader.close()
  writer.close()
  process.exit(0)
}
createInterface({ input: process.stdin })
  .on('line', (line) => {
    if (line === 'close') void close()
  })
  .on('close', () => {
    // Nobody waits for answers any more, and the next run needs the folder: what was not answered is written again.
    if (!closing) process.kill(process.pid, 'SIGKILL')
  })
// Ctrl-C reaches the whole process group; the parent decides when this process ends.
process.on('SIGINT', () => undefined)
process.on('SIGTERM', () => undefined)
