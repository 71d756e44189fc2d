/**
 * `npm run bench:translate [-- busy | calls | faults] [--scale 0.1]`: the flow that calls a server, beside a bare pool of undici
 * in the same run and the peers as they were measured.
 */
import { parseArgs } from 'node:util'
import { busy } from './busy.ts'
import { calls } from './calls.ts'
import { faults } from './faults.ts'

const parts: Record<string, { title: string; measure(scale: number): AsyncIterable<string> }> = {
  busy: { title: 'slots that are busy while there is work', measure: busy },
  calls: { title: 'flow from ingest to rank beside a bare pool that only calls', measure: calls },
  faults: { title: 'time of the same work under faults', measure: faults },
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { scale: { type: 'string', default: '1' } },
})
const scale = Number(values.scale)
const unknown = positionals.filter((name) => !(name in parts))
if (unknown.length > 0 || !(scale > 0)) {
  process.stderr.write(`there is ${Object.keys(parts).join(', ')}, and --scale above 0\n`)
  process.exit(2)
}
for (const [name, { title, measure }] of Object.entries(parts)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue
  process.stdout.write(`${name}: ${title}\n`)
  for await (const line of measure(scale)) process.stdout.write(`  ${line}\n`)
}
