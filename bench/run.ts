/** `npm run bench [-- speed | memory | hostile]`: ratios against a baseline measured in the same run. */
import { hostile } from './hostile.ts'
import { memory } from './memory.ts'
import { speed } from './speed.ts'

const benches: Record<string, { title: string; measure(): Promise<string[]> }> = {
  speed: { title: 'whole embedded run beside its bare functions, on one core', measure: speed },
  memory: { title: 'memory of a run over 10 times the input', measure: memory },
  hostile: { title: 'hostile texts beside an ordinary one of their size, per stage function', measure: hostile },
}

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !(name in benches))
if (unknown.length > 0) {
  process.stderr.write(`there is no bench ${unknown.join(', ')}; there is ${Object.keys(benches).join(', ')}\n`)
  process.exit(2)
}
for (const [name, { title, measure }] of Object.entries(benches)) {
  if (asked.length > 0 && !asked.includes(name)) continue
  process.stdout.write(`${name}: ${title}\n`)
  for (const line of await measure()) process.stdout.write(`  ${line}\n`)
}
