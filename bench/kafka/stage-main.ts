/** A stage alone, until its backlog is done: `stage-main.ts <pipeline.yaml> <stage>` prints a StageRun as JSON. */
import { limitHeapGrowth } from '../../cli/heap-growth.ts'
import { ingestAll } from '../../cli/ingest-all.ts'
import { wantedLines, workStage, workStageOf } from '../../cli/work-stage.ts'
import { openWorkspace, type Workspace } from '../../cli/workspace.ts'
import type { StageLine } from '../../services/flow.ts'
import { lineProgress } from '../../services/line-progress.ts'
import { noObservers } from '../../services/observe/observers.ts'
import { type StageRun, sleep } from './stage-run.ts'

limitHeapGrowth()
const [file = 'pipeline.yaml', name = ''] = process.argv.slice(2)
const stage = workStageOf(name)
/** When it first had partitions; joining is no work. */
let joined: { at: number; cpu: NodeJS.CpuUsage } | undefined
let records = 0
let bytes = 0

const counted = (line: StageLine): StageLine => ({
  ...line,
  work: (task) =>
    line.work({
      ...task,
      async read(topic, maxBytes) {
        const read = await task.read(topic, maxBytes)
        records += read.length
        for (const { value } of read) bytes += value.length
        return read
      },
    }),
})

const ingested = async (workspace: Workspace): Promise<void> => {
  const { sources } = workspace.config
  const onProgress = (_: string, done: { rows: number; bytes: number }) => {
    records = done.rows
    bytes = done.bytes
  }
  await ingestAll(workspace, { sources, follow: false, signal: new AbortController().signal, onProgress })
}

const workedOff = async (workspace: Workspace): Promise<void> => {
  const stop = new AbortController()
  const working = workStage(workspace, { stage }, stop.signal)
  working.catch(() => undefined)
  const lines = wantedLines(workspace, { stage })
  const isDone = async () => (await lineProgress(workspace.log, lines)).every(({ committed, end }) => committed >= end)
  while (!(await Promise.race([isDone(), working.then(() => true)]))) await sleep(50)
  stop.abort()
  await working
}

const onEvent = () => {
  joined ??= { at: performance.now(), cpu: process.cpuUsage() }
}
const opened = await openWorkspace(file, {
  ...{ env: process.env, create: false, warehouse: stage === 'land', observers: { ...noObservers, onEvent } },
})
opened.warehouse.hurry()
const workspace = { ...opened, stages: opened.stages.map(counted) }
await (stage === 'ingest' ? ingested(workspace) : workedOff(workspace))
if (!joined) throw new Error(`${stage} never joined`)
const { user, system } = process.cpuUsage(joined.cpu)
const run: StageRun = {
  ...{ records, bytes, seconds: (performance.now() - joined.at) / 1000, cpuSeconds: (user + system) / 1e6 },
}
await workspace.close()
process.stdout.write(`${JSON.stringify(run)}\n`)
