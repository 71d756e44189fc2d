/** The fake server as a process of its own: `main.ts <port> [latencyMs]` prints its URL; GET /stats counts calls. */
import { fakeOpenai } from './server.ts'

const [port = '0', latencyMs = '0'] = process.argv.slice(2)
const { url } = await fakeOpenai({ port: Number(port), latencyMs: Number(latencyMs) })
process.stdout.write(`${url}\n`)
