import { statfs } from 'node:fs/promises'
import { formatBytes } from '../core/report/format.ts'
import { messageOf } from '../dataflow/error.ts'
import { type DiskRoom, type DiskSpace, type DiskState, watchDisk } from '../services/disk-room.ts'
import { dropExpired } from '../services/drop-generation.ts'
import type { OpenedPipeline, Workspace } from './workspace.ts'

const diskPollMs = 2000
const expiryMs = 3_600_000

/** Watches the disk of the state folder against `limits.min_free`; each change is told in words. */
export const watchStateDisk = (
  { config, stateFolder }: Pick<OpenedPipeline, 'config' | 'stateFolder'>,
  onChange: (text: string) => void,
): Promise<DiskRoom> =>
  watchDisk({
    async read() {
      const { bavail, blocks, bsize } = await statfs(stateFolder)
      return { free: bavail * bsize, total: blocks * bsize }
    },
    minFree: config.limits.min_free,
    everyMs: diskPollMs,
    onChange: (state, space) => onChange(diskText(state, space, config.limits.min_free)),
  })

const diskText = (state: DiskState, { free }: DiskSpace, minFree: string): string => {
  if (state === 'enough') return `${formatBytes(free)} are free again: everything goes on`
  const who = state === 'sources_wait' ? 'sources wait' : 'sources and translators wait'
  return `${formatBytes(free)} are free, limits.min_free is ${minFree}: ${who} until there is room, then it goes on by itself`
}

/**
 * Drops generations that were replaced more than seven days ago, now and every hour until what it resolves with is called. A
 * log or a warehouse in trouble is told of, and must not end what only wanted to tidy up.
 */
export const dropOldHourly = async (
  workspace: Workspace,
  tell: { dropped(text: string): void; stays(text: string): void },
): Promise<() => void> => {
  const drop = async (): Promise<void> => {
    try {
      for (const { stage, line, generation } of await dropExpired(workspace, Date.now()))
        tell.dropped(`dropped: ${stage} ${line} generation ${generation}, replaced more than 7 days ago`)
    } catch (thrown) {
      tell.stays(`generations past their time stay for now: ${messageOf(thrown)}`)
    }
  }
  await drop()
  const timer = setInterval(() => void drop(), expiryMs)
  return () => clearInterval(timer)
}
