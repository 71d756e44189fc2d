import { runPipeline } from '../../services/run-pipeline.ts'
import type { Supervision } from '../../services/supervise-lines.ts'
import { type IngestRun, ingestAll } from '../ingest-all.ts'
import type { Io } from '../io.ts'
import { dropOldHourly, watchStateDisk } from '../upkeep.ts'
import type { Workspace } from '../workspace.ts'

interface RunLines {
  workspace: Workspace
  io: Io
  follow: boolean
  signal: AbortSignal
  /** Which rows are taken; all without it. */
  isChosen?: IngestRun['isChosen']
  inTurns?: IngestRun['inTurns']
  ingested(source: string, done: { rows: number; bytes: number; totalBytes: number }): void
}

/** Reads the sources and runs all lines until they are through, with an eye on the disk and on generations past their time. */
export const runLines = async (about: RunLines): Promise<void> => {
  const { workspace, io, signal } = about
  let supervision: Supervision | undefined
  const disk = await watchStateDisk(workspace, (text) => {
    io.err(`! ${text}\n`)
    void supervision?.reconcile()
  })
  const stopDropping = await dropOldHourly(workspace, {
    dropped: (text) => io.err(`${text}\n`),
    stays: (text) => io.err(`! ${text}\n`),
  })
  try {
    await runPipeline({
      log: workspace.log,
      feed: workspace.feed,
      current: () => workspace.stages,
      mustWait: ({ stage }) => stage === 'translate' && disk.state === 'translators_wait',
      onRunning: (lines) => workspace.flow.share(lines),
      onStart: (started) => {
        supervision = started
      },
      onlyLanding: () => workspace.warehouse.hurry(),
      ingest: (until) =>
        ingestAll(workspace, {
          ...{
            sources: workspace.config.sources,
            follow: about.follow,
            signal: until,
            room: disk.room,
            isChosen: about.isChosen,
            inTurns: about.inTurns,
          },
          onProgress: about.ingested,
        }),
      signal,
    })
  } finally {
    stopDropping()
    disk.stop()
  }
}
