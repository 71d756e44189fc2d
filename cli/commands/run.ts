import { randomUUID } from 'node:crypto'
import { readCheckpoints } from '../../services/ingest/read-checkpoints.ts'
import { splitId, timeText } from '../../services/land/land-rows.ts'
import { insertUntilThere } from '../../services/land/landing.ts'
import { runPipeline } from '../../services/run-pipeline.ts'
import { serveBeside } from '../beside-run.ts'
import { ingestAll, writeHeads } from '../ingest-all.ts'
import type { Io } from '../io.ts'
import { landControl } from '../land-control.ts'
import { runBeside } from '../program.ts'
import { version } from '../version.ts'
import { openWorkspace, type Workspace } from '../workspace.ts'
import { exportAll } from './export.ts'
import { writeReport } from './report.ts'
import { progressDisplay } from './run-progress.ts'
import { printSummary } from './run-summary.ts'

/** Options of `kalam run`. */
export interface RunOptions {
  follow: boolean
  strict: boolean
}

const exitDone = 0
const exitStrict = 3
const exitInterrupted = 130
/** How long Ctrl-C waits for the warehouse. */
const stoppedMs = 5000

/** Runs the whole pipeline in this process until its sources are exhausted, then exports and reports. Returns the exit code. */
export const run = async (file: string, options: RunOptions, io: Io): Promise<number> => {
  const started = Date.now()
  const stop = new AbortController()
  const interrupt = () => stop.abort()
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  let display: ReturnType<typeof progressDisplay> | undefined
  const workspace = await openWorkspace(file, { env: io.env, create: true, onWait: (wait) => display?.waits(wait) })
  const endBeside = await serveBeside(workspace.stateFolder, (request) => runBeside(request, workspace, io.env))
  try {
    await writeHeads(workspace)
    await landControl(workspace, stop.signal)
    const runId = randomUUID()
    await landRun(workspace, runId, started, 'running', stop.signal)
    const shown = progressDisplay(workspace, io, started)
    display = shown
    try {
      await runPipeline({
        log: workspace.log,
        stages: workspace.stages,
        onlyLanding: () => workspace.warehouse.hurry(),
        signal: stop.signal,
        ingest: (signal) =>
          ingestAll(workspace, {
            ...{ sources: workspace.config.sources, follow: options.follow, signal, onProgress: shown.ingested },
          }),
      })
    } finally {
      await shown.end()
    }
    if (stop.signal.aborted) {
      await landRun(workspace, runId, started, 'stopped', AbortSignal.timeout(stoppedMs))
      io.err('stopped: everything finished so far is kept; the same command goes on from here\n')
      return exitInterrupted
    }
    await landSelection(workspace, stop.signal)
    await landRun(workspace, runId, started, 'done', stop.signal)
    const exports = await exportAll(workspace, Object.keys(workspace.config.rankings))
    const report = await writeReport(workspace)
    const { failed, bad } = await printSummary({ workspace, io, started, exports, report })
    return options.strict && failed + bad > 0 ? exitStrict : exitDone
  } finally {
    endBeside()
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
    await workspace.close()
  }
}

const landRun = async (
  { warehouse }: Workspace,
  runId: string,
  started: number,
  outcome: string,
  signal: AbortSignal,
): Promise<void> => {
  const now = Date.now()
  const ended = outcome === 'running' ? null : timeText(now)
  const row = { run: runId, started_at: timeText(started), ended_at: ended, version, outcome, offset: now }
  await insertUntilThere(warehouse, 'runs', [row], signal)
}

const landSelection = async ({ log, codec, topics, warehouse }: Workspace, signal: AbortSignal): Promise<void> => {
  const checkpoints = await readCheckpoints(log, codec, topics)
  const rows = [...checkpoints.files.values()].map(
    ({ source, split, file, file_rows, selected, dropped, bad, done }) => ({
      ...splitId(`${source}/${split}/`),
      line: 'sources',
      generation: 1,
      file,
      rows: file_rows,
      selected,
      dropped,
      bad,
      done,
      partition: 0,
      offset: file_rows,
    }),
  )
  await insertUntilThere(warehouse, 'selection', rows, signal)
}
