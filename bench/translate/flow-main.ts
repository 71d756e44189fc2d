/**
 * The flow from ingest to rank in one process on the embedded log, without tables, export and report:
 * `flow-main.ts <pipeline.yaml>` prints a Usage as JSON, without the time to start.
 */
import { limitHeapGrowth } from '../../cli/heap-growth.ts'
import { ingestAll, writeHeads } from '../../cli/ingest-all.ts'
import { openWorkspace } from '../../cli/workspace.ts'
import { runPipeline } from '../../services/run-pipeline.ts'
import { loadTokenizer } from '../../services/tokenizer.ts'
import { ownUsage } from './own-usage.ts'

limitHeapGrowth()
const workspace = await openWorkspace(process.argv[2] ?? 'pipeline.yaml', {
  env: process.env,
  create: true,
  warehouse: false,
})
const { signal } = new AbortController()
// Its tables are made at the start.
loadTokenizer('llama3.1')('')
const usage = await ownUsage(async () => {
  await writeHeads(workspace)
  await runPipeline({
    ...{ log: workspace.log, feed: workspace.feed, signal },
    current: () => workspace.stages.filter(({ stage }) => stage !== 'land'),
    onRunning: (lines) => workspace.flow.share(lines),
    ingest: (until) =>
      ingestAll(workspace, {
        ...{ sources: workspace.config.sources, follow: false, signal: until },
        onProgress: () => undefined,
      }),
  })
})
await workspace.close()
process.stdout.write(`${JSON.stringify(usage)}\n`)
