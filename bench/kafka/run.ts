/** `npm run bench:kafka [-- <part>… --small --copies 12 …]`: on a real broker; ratios against baselines of the same run. */
import { commits } from './commits.ts'
import { failover } from './failover.ts'
import { flow } from './flow.ts'
import { type Installation, startInstallation } from './installation.ts'
import { latency } from './latency.ts'
import { memory } from './memory.ts'
import { readArguments, type Sizes } from './sizes.ts'
import { slots } from './slots.ts'
import { stages } from './stages.ts'

type Measure = (installation: Installation, sizes: Sizes) => AsyncIterable<string>

const parts: Record<string, { title: string; measure: Measure }> = {
  flow: { title: 'whole run on Kafka in one process beside the embedded run and bare kafkajs', measure: flow },
  stages: { title: 'every stage alone works off its backlog', measure: stages },
  commits: { title: 'transactions of records of 2 KB beside bare kafkajs', measure: commits },
  failover: { title: 'from kill -9 of one of two workers until all partitions move again', measure: failover },
  memory: { title: 'memory of every worker over 10 times the input', measure: memory },
  slots: { title: 'slots of a translator that are busy while there is work', measure: slots },
  latency: { title: 'from the row in its file and from its ingest until it is ranked', measure: latency },
}

const { names, sizes } = readArguments(process.argv.slice(2))
const unknown = names.filter((name) => !(name in parts))
if (unknown.length > 0) {
  process.stderr.write(`there is no part ${unknown.join(', ')}; there is ${Object.keys(parts).join(', ')}\n`)
  process.exit(2)
}
const installation = await startInstallation()
try {
  for (const [name, { title, measure }] of Object.entries(parts)) {
    if (names.length > 0 && !names.includes(name)) continue
    process.stdout.write(`${name}: ${title}\n`)
    for await (const line of measure(installation, sizes)) process.stdout.write(`  ${line}\n`)
  }
} finally {
  await installation.stop()
}
