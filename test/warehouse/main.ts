/**
 * A ClickHouse server of tests: chDB over a folder behind as much of ClickHouse's HTTP interface as the client needs.
 * `main.ts <folder> <port> <control port>`; POST /control on the second one sets faults, GET tells what came so far.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { readBody } from '../../services/land/chdb-request.ts'
import { openEngine } from './engine.ts'
import { type Control, openFaults } from './faults.ts'

const [folder = '', port = '0', controlPort = '0'] = process.argv.slice(2)
const engine = openEngine(folder)
const faults = openFaults()

const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const url = new URL(request.url ?? '/', 'http://localhost')
  // A client that is gone takes its insert with it.
  const body = await readBody(request).catch(() => undefined)
  if (body === undefined) return
  await faults.passable()
  if (url.pathname === '/ping') {
    response.writeHead(200).end('Ok.\n')
    return
  }
  try {
    const { bytes, isInsert } = await engine.run(url, body)
    faults.stats[isInsert ? 'inserts' : 'queries']++
    await faults.passable()
    if (isInsert && faults.failed(response)) return
    response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end(bytes)
  } catch (thrown) {
    const said = thrown instanceof Error ? thrown.message : String(thrown)
    const code = /^Code: (\d+)/.exec(said)?.[1]
    response
      .writeHead(code === '60' || code === '81' ? 404 : 500, { 'x-clickhouse-exception-code': code ?? '1' })
      .end(code === undefined ? `Code: 1. DB::Exception: ${said} (UNSUPPORTED_METHOD)` : said)
  }
}

const server = createServer((request, response) => void respond(request, response))
const listen = () => server.listen(Number(port), '127.0.0.1')

const refuse = (ms: number): void => {
  server.close(() => setTimeout(listen, ms))
  server.closeAllConnections()
}

createServer(async (request, response) => {
  if (request.method === 'POST') {
    const control = JSON.parse((await readBody(request)).toString()) as Control
    faults.set(control)
    if (control.refuseMs !== undefined) refuse(control.refuseMs)
  }
  response.end(JSON.stringify(faults.stats))
}).listen(Number(controlPort), '127.0.0.1')
listen()
