import { KalamError } from '../dataflow/error.ts'
import type { SourceConfig } from '../services/config.ts'
import type { StageLine } from '../services/flow.ts'
import { nearName } from '../services/near-name.ts'
import { superviseLines } from '../services/supervise-lines.ts'
import { ingestAll } from './ingest-all.ts'
import { landControl } from './land-control.ts'
import { probeTranslators } from './probe-translators.ts'
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

/** The sources that a worker reads, none but for ingest. */
export const wantedSources = ({ config }: Workspace, { stage, line }: Wanted): SourceConfig[] =>
  stage === 'ingest' ? config.sources.filter(({ name }) => line === undefined || name === line) : []

/**
 * Works on the lines of a stage until the signal is aborted, whatever comes; ingest reads its sources as they grow. Lines
 * that appear in the control topic are taken up. Rejects with the first error of any of them, after all have stopped.
 */
export const workStage = async (workspace: Workspace, wanted: Wanted, signal: AbortSignal): Promise<void> => {
  const { config, log, feed, flow } = workspace
  wantedLines(workspace, wanted)
  if (wanted.stage === 'ingest') {
    const sources = config.sources.filter(({ name }) => wanted.line === undefined || name === wanted.line)
    return ingestAll(workspace, { sources, follow: true, signal, onProgress: () => undefined })
  }
  if (wanted.stage === 'land') {
    await landControl(workspace, signal)
    feed.onChange(() => void landControl(workspace, signal).catch(() => undefined))
  }
  if (wanted.stage === 'translate') {
    const isWanted = (line: string) => wanted.line === undefined || wanted.line === line
    await probeTranslators(workspace, { patienceMs: Number.POSITIVE_INFINITY, signal, only: isWanted })
  }
  const supervision = await superviseLines({
    ...{ log, feed, signal, current: () => workspace.stages },
    only: ({ stage, line }) => stage === wanted.stage && (wanted.line === undefined || line === wanted.line),
    onRunning: (lines) => flow.share(lines),
  })
  try {
    await Promise.race([aborted(signal), supervision.failed])
  } finally {
    await supervision.stop()
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
