import { statfs } from 'node:fs/promises'
import { formatBytes } from '../../core/report/format.ts'
import { messageOf } from '../../dataflow/error.ts'
import { type DiskSpace, type DiskState, watchDisk } from '../../services/disk-room.ts'
import { dropExpired } from '../../services/drop-generation.ts'
import { runPipeline } from '../../services/run-pipeline.ts'
import type { Supervision } from '../../services/supervise-lines.ts'
import { type IngestRun, ingestAll } from '../ingest-all.ts'
import type { Io } from '../io.ts'
import type { Workspace } from '../workspace.ts'

const diskPollMs = 2000
const expiryMs = 3_600_000

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
  const disk = await watchDisk({
    read: () => diskSpace(workspace),
    minFree: workspace.config.limits.min_free,
    everyMs: diskPollMs,
    onChange(state, space) {
      io.err(diskText(state, space, workspace.config.limits.min_free))
      void supervision?.reconcile()
    },
  })
  await dropOld(workspace, io)
  const timer = setInterval(() => void dropOld(workspace, io), expiryMs)
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
    clearInterval(timer)
    disk.stop()
  }
}

const diskSpace = async ({ stateFolder }: Workspace): Promise<DiskSpace> => {
  const { bavail, blocks, bsize } = await statfs(stateFolder)
  return { free: bavail * bsize, total: blocks * bsize }
}

const diskText = (state: DiskState, { free }: DiskSpace, minFree: string): string => {
  if (state === 'enough') return `${formatBytes(free)} are free again: everything goes on\n`
  const who = state === 'sources_wait' ? 'sources wait' : 'sources and translators wait'
  return `! ${formatBytes(free)} are free, limits.min_free is ${minFree}: ${who} until there is room, then it goes on by itself\n`
}

/** A disk or a warehouse in trouble must not end a run that only wanted to tidy up. */
const dropOld = async (workspace: Workspace, io: Io): Promise<void> => {
  try {
    for (const { stage, line, generation } of await dropExpired(workspace, Date.now()))
      io.err(`dropped: ${stage} ${line} generation ${generation}, replaced more than 7 days ago\n`)
  } catch (thrown) {
    io.err(`! generations past their time stay for now: ${messageOf(thrown)}\n`)
  }
}
