/**
 * A bare pool of undici that makes the flow's calls and nothing else: `pool-main.ts <pipeline.yaml> <url> <slots>` prints a Usage
 * and the number of calls as JSON, without the time to make their bodies.
 */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Agent, request } from 'undici'
import { chunkBodies } from './chunk-bodies.ts'
import { ownUsage } from './own-usage.ts'

const [file = '', url = '', slots = '64'] = process.argv.slice(2)
const rows = readFileSync(join(dirname(file), 'rows.jsonl'), 'utf8')
  .trim()
  .split('\n')
const bodies = chunkBodies(file, rows)
const dispatcher = new Agent({ connections: Number(slots) })
const headers = { 'content-type': 'application/json' }

let next = 0
const caller = async (): Promise<void> => {
  for (let body = bodies[next++]; body !== undefined; body = bodies[next++]) {
    const answer = await request(`${url}/chat/completions`, { method: 'POST', headers, body, dispatcher })
    if (answer.statusCode !== 200) throw new Error(`the server answered ${answer.statusCode}`)
    await answer.body.text()
  }
}
const usage = await ownUsage(() => Promise.all(Array.from({ length: Number(slots) }, caller)))
await dispatcher.close()
process.stdout.write(`${JSON.stringify({ ...usage, calls: bodies.length })}\n`)
