/** The bare functions as a process of their own: `bare-main.ts <folder>` prints a BareResult as JSON. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { bareFunctions } from './bare-functions.ts'
import { pipelineYaml } from './workspace.ts'

const data = join(process.argv[2] ?? '.', 'data')
const names = (readdirSync(data, { recursive: true }) as string[]).filter((name) => name.endsWith('.jsonl'))
process.stdout.write(
  `${JSON.stringify(
    bareFunctions(
      pipelineYaml,
      names.map((name) => join(data, name)),
    ),
  )}\n`,
)
