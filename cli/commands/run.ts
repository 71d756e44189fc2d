import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { liveGeneration } from '../../dataflow/control.ts'
import { refuseOther } from '../../services/export/export-folder.ts'
import { readCheckpoints } from '../../services/ingest/read-checkpoints.ts'
import { splitId, timeText } from '../../services/land/land-rows.ts'
import { insertUntilThere } from '../../services/land/landing.ts'
import { rowText } from '../../services/land/row-text.ts'
import { lineProgress } from '../../services/line-progress.ts'
import { orAborted } from '../../services/translate/abortable.ts'
import { serveBeside } from '../beside-run.ts'
import { writeHeads } from '../ingest-all.ts'
import type { Io } from '../io.ts'
import { landControl } from '../land-control.ts'
import { probeTranslators } from '../probe-translators.ts'
import { runBeside } from '../program.ts'
import { onStop } from '../stop-signals.ts'
import { version } from '../version.ts'
import { openWorkspace, type Workspace } from '../workspace.ts'
import { exportAll } from './export.ts'
import { refuseOverBudget } from './refuse-over-budget.ts'
import { writeReport } from './report.ts'
import { promoteRetries } from './retry.ts'
import { runLines } from './run-lines.ts'
import { progressDisplay } from './run-progress.ts'
import { printSummary } from './run-summary.ts'
import { sideRun } from './side-run.ts'

/** Options of `kalam run`. */
export interface RunOptions {
  follow: boolean
  strict: boolean
  /** Rows of every split to draw for a side run; a run of all rows without it. */
  sample?: number | undefined
  seed: number
  /** Whether to begin although the budget is too small, and to give every split its share of it. */
  untilBudget: boolean
}

const exitDone = 0
const exitStrict = 3
const exitPaused = 4
const exitInterrupted = 130
/** How long a run waits at its start for a server that cannot be reached. */
const probeMs = 5000
/** How long Ctrl-C waits for the warehouse. */
const stoppedMs = 5000
/** And an error before it is told. */
const failedMs = 1000

/** Runs the whole pipeline in this process until its sources are exhausted, then exports and reports. Returns the exit code. */
export const run = async (file: string, options: RunOptions, io: Io): Promise<number> => {
  const stop = new AbortController()
  const unlisten = onStop(() => stop.abort())
  try {
    return await runUntil(stop, file, options, io)
  } finally {
    unlisten()
  }
}

const runUntil = async (stop: AbortController, file: string, options: RunOptions, io: Io): Promise<number> => {
  const started = Date.now()
  let display: ReturnType<typeof progressDisplay> | undefined
  let forget: () => void = () => undefined
  if (!options.untilBudget && options.sample === undefined) await refuseOverBudget(file, io, stop.signal)
  const side =
    options.sample === undefined
      ? undefined
      : await sideRun(file, { rows: options.sample, seed: options.seed }, io, stop.signal)
  const workspace = await openWorkspace(file, {
    ...{ env: io.env, create: true, side: side?.name },
    // A model's name that is wrong is mended, and is no edit of a line.
    beforeNew: (opened) => probeTranslators(opened, { patienceMs: probeMs, signal: stop.signal }),
    onWait: (wait) => display?.waits(wait),
    onNotice: (notice) => display?.notes(notice),
  })
  const endBeside = await serveBeside(workspace.stateFolder, (request) => runBeside(request, workspace, io.env)).catch(
    async (thrown) => {
      await workspace.close()
      throw thrown
    },
  )
  try {
    // Not only at the end of a run of months.
    for (const ranking of Object.keys(workspace.config.rankings))
      refuseOther(join(workspace.outFolder, ranking), ranking)
    await writeHeads(workspace)
    await landControl(workspace, stop.signal)
    // The warehouse may be away: then the flow does not wait for it, and the next change or run tells the views.
    forget = workspace.feed.onChange(() => void landControl(workspace, stop.signal).catch(() => undefined))
    warnNotRun(workspace, io)
    const land = runLander(workspace, started)
    await land('running', stop.signal)
    const shown = progressDisplay(workspace, io, started)
    display = shown
    try {
      return await runToEnd({ workspace, side, shown, land, started, stop: stop.signal }, options, io)
    } catch (thrown) {
      // What ends it may keep the warehouse from hearing of it too, or from answering.
      const soon = AbortSignal.timeout(failedMs)
      await orAborted(land('failed', soon), soon).catch(() => undefined)
      throw thrown
    }
  } finally {
    forget()
    await endBeside()
    await workspace.close()
  }
}

/** A run that has begun. */
interface Begun {
  workspace: Workspace
  side: Awaited<ReturnType<typeof sideRun>> | undefined
  shown: ReturnType<typeof progressDisplay>
  land: ReturnType<typeof runLander>
  started: number
  stop: AbortSignal
}

/** Runs all lines, then exports and reports. Returns the exit code. */
const runToEnd = async (
  { workspace, side, shown, land, started, stop }: Begun,
  options: RunOptions,
  io: Io,
): Promise<number> => {
  try {
    const rows = { follow: options.follow, isChosen: side?.isChosen, inTurns: options.untilBudget }
    await runLines({ workspace, io, ...rows, signal: stop, ingested: shown.ingested })
  } finally {
    await shown.end()
  }
  if (stop.aborted) {
    await land('stopped', AbortSignal.timeout(stoppedMs))
    io.err('stopped: everything finished so far is kept; the same command goes on from here\n')
    return exitInterrupted
  }
  await promoteRetries(workspace, io)
  await landSelection(workspace, stop)
  const paused = await pausedWork(workspace)
  await land(paused.length > 0 ? 'stopped' : 'done', stop)
  const exports = await exportAll(workspace, liveRankings(workspace))
  const report = await writeReport(workspace)
  const told = { workspace, io, isSide: side !== undefined, started, exports, report, stopped: paused }
  const { failed, bad } = await printSummary(told)
  if (side) io.out(`\n${await side.rates(workspace)}`)
  for (const text of standingText(workspace, paused)) io.err(text)
  if (options.strict && failed + bad > 0) return exitStrict
  return paused.length > 0 ? exitPaused : exitDone
}

/** Rankings that have something to export. */
const liveRankings = ({ config, control }: Workspace): string[] =>
  Object.keys(config.rankings).filter((ranking) => liveGeneration(control, 'rank', ranking) !== undefined)

/** Lines that pause or wait for somebody's help, for which something waits. */
const pausedWork = async ({ log, stages }: Workspace): Promise<string[]> => {
  const standing = stages.filter(({ standsStill, stand }) => standsStill === 'paused' || stand?.reason !== undefined)
  const progress = await lineProgress(log, standing)
  return [...new Set(progress.filter(({ committed, end }) => committed < end).map(({ line }) => line))]
}

/** What stands still at the end of a run, and what lets it go on. */
const standingText = ({ stages }: Workspace, paused: readonly string[]): string[] => {
  const held = new Set(stages.filter(({ standsStill }) => standsStill === 'held').map(({ line }) => line))
  const helpless = new Map(stages.flatMap(({ line, stand }) => (stand?.reason ? [[line, stand.reason] as const] : [])))
  return [
    ...paused.map((line) => {
      const reason = helpless.get(line)
      if (!reason) return `! stopped by a pause: ${line}; all else is through. kalam resume ${line}   goes on\n`
      const hint = reason.hint === undefined ? '' : `  ${reason.hint.replaceAll('\n', '\n  ')}\n`
      return `! stopped: ${line}; all else is through. ${reason.message}\n${hint}`
    }),
    ...[...held].map((line) => `! ${line} waits for its promotion to end: kalam promote ${line}\n`),
  ]
}

/** Generations that this version or pipeline.yaml cannot go on with stand where they are. */
const warnNotRun = ({ notRun }: Workspace, io: Io): void => {
  for (const { why } of notRun) io.err(`! ${why}; it stays as it is\n`)
}

type RunOutcome = 'running' | 'stopped' | 'done' | 'failed'

/** Tells the warehouse of a run; the last outcome counts. */
const runLander = ({ warehouse }: Workspace, started: number) => {
  const run = randomUUID()
  return async (outcome: RunOutcome, signal: AbortSignal): Promise<void> => {
    const now = Date.now()
    const ended = outcome === 'running' ? null : timeText(now)
    const row = { run, started_at: timeText(started), ended_at: ended, version, outcome, offset: now }
    await insertUntilThere(warehouse, 'runs', rowText([row]), signal)
  }
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
  await insertUntilThere(warehouse, 'selection', rowText(rows), signal)
}
