import { randomUUID } from 'node:crypto'
import { pipelineHeader } from '../../services/foreign-records.ts'
import { filesSource } from '../../services/ingest/files-source.ts'
import { type Ingest, type IngestOptions, openIngest } from '../../services/ingest/ingest-source.ts'
import { readCheckpoints } from '../../services/ingest/read-checkpoints.ts'
import { splitId, timeText } from '../../services/land/land-rows.ts'
import { insertUntilThere } from '../../services/land/landing.ts'
import { runPipeline } from '../../services/run-pipeline.ts'
import { serveBeside } from '../beside-run.ts'
import type { Io } from '../io.ts'
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
const followPollMs = 1000
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
  let forget: () => void = () => undefined
  const workspace = await openWorkspace(file, { env: io.env, create: true, onWait: (wait) => display?.waits(wait) })
  const endBeside = await serveBeside(workspace.stateFolder, (request) => runBeside(request, workspace, io.env))
  try {
    await writeHeads(workspace)
    await landControl(workspace, stop.signal)
    forget = workspace.feed.onChange(() => landControl(workspace, stop.signal))
    warnNotRun(workspace, io)
    const runId = randomUUID()
    await landRun(workspace, runId, started, 'running', stop.signal)
    const shown = progressDisplay(workspace, io, started)
    display = shown
    try {
      await runPipeline({
        log: workspace.log,
        feed: workspace.feed,
        current: () => workspace.stages,
        onRunning: (lines) => workspace.flow.share(lines),
        onlyLanding: () => workspace.warehouse.hurry(),
        signal: stop.signal,
        ingest: (signal) => ingestAll(workspace, options.follow, signal, shown.ingested),
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
    forget()
    endBeside()
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
    await workspace.close()
  }
}

/** Every `messages` partition begins with a record that carries the pipeline's uuid. */
const writeHeads = async ({ log, topics, control }: Workspace): Promise<void> => {
  const ends = await log.ends(topics.messages)
  const heads = ends.flatMap((end, partition) =>
    end > 0
      ? []
      : [
          {
            topic: topics.messages,
            partition,
            key: '',
            value: new Uint8Array(),
            headers: { [pipelineHeader]: control.uuid },
            timestamp: Date.now(),
          },
        ],
  )
  if (heads.length === 0) return
  const writer = await log.writer(`${topics.messages}.heads`)
  await writer.commit(heads)
  await writer.close()
}

const ingestAll = async (
  { config, base, log, codec, topics }: Workspace,
  follow: boolean,
  signal: AbortSignal,
  showProgress: (source: string, done: { rows: number; bytes: number; totalBytes: number }) => void,
): Promise<void> => {
  const conversationBytes = config.limits.conversation_bytes
  const open: Ingest[] = []
  try {
    for (const source of config.sources) {
      const reader = filesSource(source, { base, maxLineBytes: conversationBytes * 4, follow })
      const parts = { source, reader, log, codec, topics, partitions: config.partitions, conversationBytes }
      const onProgress: IngestOptions['onProgress'] = (done) => showProgress(source.name, done)
      const ingest = await openIngest({ ...parts, follow, now: Date.now, onProgress })
      open.push(ingest)
      await ingest.readOn(signal)
      if (signal.aborted) return
    }
    while (follow && !signal.aborted) {
      await new Promise((resolve) => setTimeout(resolve, followPollMs))
      for (const ingest of open) if (!signal.aborted) await ingest.readOn(signal)
    }
  } finally {
    for (const ingest of open) await ingest.close()
  }
}

/** Generations that this version or pipeline.yaml cannot go on with stand where they are. */
const warnNotRun = ({ notRun }: Workspace, io: Io): void => {
  for (const { why } of notRun) io.err(`! ${why}; it stays as it is\n`)
}

/** Tells the views which generations they show. */
export const landControl = async ({ control, warehouse }: Workspace, signal: AbortSignal): Promise<void> => {
  const rows = [...control.generations.values()]
    .filter(({ state }) => state === 'live')
    .map(({ stage, line, generation }) => ({ stage, line, generation, offset: Date.now() }))
  await insertUntilThere(warehouse, 'live_generations', rows, signal)
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
