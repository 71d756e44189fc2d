import { KalamError, messageOf } from '../dataflow/error.ts'
import type { SourceConfig } from '../services/config.ts'
import type { StageLine } from '../services/flow.ts'
import { unknownLines } from '../services/generations.ts'
import { nearName } from '../services/near-name.ts'
import { type Supervision, superviseLines } from '../services/supervise-lines.ts'
import { ingestAll } from './ingest-all.ts'
import { landControl } from './land-control.ts'
import { probeTranslators } from './probe-translators.ts'
import { dropOldHourly, watchStateDisk } from './upkeep.ts'
import type { Workspace } from './workspace.ts'

/** The stages that are services of their own, in the order of the dataflow. */
export const workStages = ['ingest', 'chunk', 'translate', 'score', 'rank', 'land'] as const
/** One of workStages. */
export type WorkStage = (typeof workStages)[number]

/** What one worker does: a stage, all its lines or one; a line of ingest is a source. */
export interface Wanted {
  stage: WorkStage
  line?: string
}

/** The stage of a name; KalamError usage for a name that is none. */
export const workStageOf = (name: string): WorkStage => {
  const stage = workStages.find((known) => known === name)
  if (stage) return stage
  throw unknown('stage', name, workStages)
}

/** The lines of a stage that a worker runs, none for ingest. KalamError usage for a line that is not there. */
export const wantedLines = ({ stages, config }: Workspace, { stage, line }: Wanted): StageLine[] => {
  const lines = stages.filter((one) => one.stage === stage)
  const names = stage === 'ingest' ? config.sources.map(({ name }) => name) : lines.map((one) => one.line)
  if (line !== undefined && !names.includes(line))
    throw unknown(stage === 'ingest' ? 'source' : `line of ${stage}`, line, names)
  return lines.filter((one) => line === undefined || one.line === line)
}

/** Those of a worker's lines that run by the newest state; a line that is not there any more is none. */
export const runningLines = ({ stages }: Workspace, wanted: Wanted): StageLine[] =>
  stages.filter((one) => isWanted(one, wanted) && one.standsStill === undefined)

const isWanted = (one: { stage: string; line: string }, { stage, line }: Wanted): boolean =>
  one.stage === stage && (line === undefined || one.line === line)

/** The sources that a worker reads, none but for ingest. */
export const wantedSources = ({ config }: Workspace, { stage, line }: Wanted): SourceConfig[] =>
  stage === 'ingest' ? config.sources.filter(({ name }) => line === undefined || name === line) : []

/** What a worker tells of besides its work: a line that cannot be run, a disk that is nearly full, a generation past its time. */
export type WorkEvent = 'not_run' | 'disk' | 'dropped' | 'not_dropped'

/**
 * Works on the lines of a stage until the signal is aborted, whatever comes; ingest reads its sources as they grow. Lines
 * that appear in the control topic are taken up, those of an edited pipeline.yaml too. Sources and translators wait while the disk
 * of the state folder is nearly full; who lands rows also drops generations past their time. Rejects with the first error of
 * any of them, after all have stopped.
 */
export const workStage = async (
  workspace: Workspace,
  wanted: Wanted,
  signal: AbortSignal,
  tell: (event: WorkEvent, text: string) => void = () => undefined,
): Promise<void> => {
  wantedLines(workspace, wanted)
  let supervision: Supervision | undefined
  const disk = await watchStateDisk(workspace, (text) => {
    if (wanted.stage === 'ingest' || wanted.stage === 'translate') tell('disk', text)
    void supervision?.reconcile()
  })
  try {
    if (wanted.stage === 'ingest') {
      const sources = wantedSources(workspace, wanted)
      await ingestAll(workspace, { sources, follow: true, signal, room: disk.room, onProgress: () => undefined })
      return
    }
    await workLines(workspace, wanted, {
      ...{ signal, tell, mustWait: () => wanted.stage === 'translate' && disk.state === 'translators_wait' },
      onStart: (started) => {
        supervision = started
      },
    })
  } finally {
    disk.stop()
  }
}

const workLines = async (
  workspace: Workspace,
  wanted: Wanted,
  run: {
    signal: AbortSignal
    tell(event: WorkEvent, text: string): void
    mustWait(): boolean
    onStart(supervision: Supervision): void
  },
): Promise<void> => {
  const { log, feed, flow } = workspace
  const { signal, tell, mustWait } = run
  let stopDropping: (() => void) | undefined
  if (wanted.stage === 'land') {
    await landControl(workspace, signal)
    feed.onChange(() => void landControl(workspace, signal).catch(() => undefined))
    stopDropping = await dropOldHourly(workspace, {
      dropped: (text) => tell('dropped', text),
      stays: (text) => tell('not_dropped', text),
    })
  }
  if (wanted.stage === 'translate') {
    const isProbed = (line: string) => isWanted({ stage: 'translate', line }, wanted)
    await probeTranslators(workspace, { patienceMs: Number.POSITIVE_INFINITY, signal, only: isProbed })
  }
  const only = (one: { stage: string; line: string }) => isWanted(one, wanted)
  // What is to be landed is made by the other stages.
  const takeUp = takingUpEdits(workspace, wanted.stage === 'land' ? () => true : only, (why) =>
    tell('not_run', `${why}; it stays as it is`),
  )
  // Before the supervision looks at the change.
  const forget = feed.onChange(async () => void (await takeUp({ must: true })))
  const supervision = await superviseLines({
    ...{ log, feed, signal, only, mustWait, current: () => workspace.stages },
    onRunning: (lines) => flow.share(lines),
  })
  run.onStart(supervision)
  // A file may reach this machine after the control record that needs it.
  const timer = setInterval(async () => {
    if (await takeUp({ must: false })) await supervision.reconcile()
  }, editsMs)
  try {
    await Promise.race([aborted(signal), supervision.failed])
  } finally {
    clearInterval(timer)
    stopDropping?.()
    forget()
    await supervision.stop()
  }
}

const editsMs = 5000

/**
 * Reads pipeline.yaml again where it lacks what is to be run: when it `must`, or was edited since; resolves with whether it
 * was read. Each reason is told once.
 */
const takingUpEdits = (
  workspace: Workspace,
  isOurs: (line: { stage: string; line: string }) => boolean,
  onNotRun: (why: string) => void,
) => {
  const told = new Set<string>()
  const tell = (why: string) => {
    if (!told.has(why)) onNotRun(why)
    told.add(why)
  }
  return async ({ must }: { must: boolean }): Promise<boolean> => {
    const { notRun, control, config } = workspace
    if (!notRun.some(isOurs) && !unknownLines(control, config).some(isOurs)) return false
    try {
      if (!must && !(await workspace.isEdited())) return false
      await workspace.reload()
    } catch (thrown) {
      tell(messageOf(thrown))
      return false
    }
    for (const { why } of workspace.notRun.filter(isOurs)) tell(why)
    return true
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })

const unknown = (kind: string, name: string, names: readonly string[]): KalamError => {
  const near = nearName(name, names)
  return new KalamError('usage', `choosing what to work on: there is no ${kind} ${JSON.stringify(name)}`, {
    hint: `${near === undefined ? '' : `Did you mean ${near}?\n`}There are: ${names.join(', ')}.`,
  })
}
