import { formatDuration } from '../../core/report/format.ts'
import { KalamError } from '../../dataflow/error.ts'
import type { Activities, TaskActivity } from '../../dataflow/task-activity.ts'
import type { ExplainedWaits } from './explained-waits.ts'
import { groupLabels } from './group-labels.ts'

/** What the watchdog watches, and by which clock. */
export interface WatchdogOptions {
  activities: Activities
  waits: ExplainedWaits
  /** Whether tasks of a group work on what their inputs bring; of others, as ingest's, only commits are watched. */
  isWatched(group: string): boolean
  /** Standing still longer than this without a reason is being stuck. */
  stallMs: number
  /** Whether a topic has a committed record at or behind an offset. */
  hasRecords(topic: string, partition: number, from: number): Promise<boolean>
  /** Told once, of the first stuck task. */
  onStall(error: KalamError): void
}

/** Looks after tasks until it is stopped. */
export interface Watchdog {
  /** Looks once; `start` does it again and again. */
  check(): Promise<void>
  start(): void
  stop(): void
  /** The task that is stuck, if one is. */
  readonly stalled: KalamError | undefined
}

/**
 * Finds a task that has work and does none: units in its window, or records to be had, but neither a read nor a commit for
 * `stallMs`, and no explained wait in that time. A task that waits for records that are not there yet is at rest.
 */
export const watchdog = (options: WatchdogOptions): Watchdog => {
  const { activities, waits, stallMs } = options
  const everyMs = Math.min(5000, Math.max(20, stallMs / 10))
  let timer: NodeJS.Timeout | undefined
  let stalled: KalamError | undefined
  let lastMs = activities.now()
  // A process that was stopped or too busy to look has not been watched in that time.
  let watchedFromMs = lastMs

  const check = async (): Promise<void> => {
    const now = activities.now()
    if (now - lastMs > everyMs * 3 + 1000) watchedFromMs = now
    lastMs = now
    for (const activity of activities.tasks.values()) {
      if (stalled || !activity.running || activity.partition === undefined) continue
      const since = Math.max(activity.progressMs, waits.until(groupLabels(activity.group)), watchedFromMs)
      if (now - since <= stallMs) continue
      const what = await stuckAt(activity, options)
      // Looking took time: it may have gone on meanwhile.
      if (what === undefined || activity.progressMs > since) continue
      stalled = stallError(activity, what, now - since)
      options.onStall(stalled)
    }
  }

  let looking = false
  const look = () => {
    if (looking) return
    looking = true
    // A log that does not answer is no stuck task: its adapter tells what it waits for.
    void check()
      .catch(() => undefined)
      .finally(() => {
        looking = false
      })
  }
  return {
    check,
    start() {
      timer ??= setInterval(look, everyMs)
      timer.unref()
    },
    stop() {
      clearInterval(timer)
      timer = undefined
    },
    get stalled() {
      return stalled
    },
  }
}

/** What a task that has not gone on is stuck at; undefined when it has nothing to do. */
const stuckAt = async (
  activity: TaskActivity,
  { isWatched, hasRecords }: Pick<WatchdogOptions, 'isWatched' | 'hasRecords'>,
): Promise<string | undefined> => {
  if (activity.committing) return 'a commit does not end'
  if (!isWatched(activity.group)) return undefined
  const { window, waitsFor, partition = 0, next } = activity
  if (window && window.size > 0) return `${window.size} units are under way and none is finished`
  if (waitsFor.size === 0)
    return activity.hasMore() || activity.hasUncommitted() ? 'it has records and does not go on' : undefined
  for (const topic of waitsFor) {
    const from = next[topic] ?? 0
    if (await hasRecords(topic, partition, from))
      return `it waits for records of ${topic} from offset ${from} on, which are there`
  }
  return undefined
}

const stallError = ({ group, partition }: TaskActivity, what: string, ms: number): KalamError =>
  new KalamError(
    'stalled',
    `working on ${group}, partition ${partition}: ${what}; nothing read, nothing committed for ${formatDuration(ms / 1000)}`,
    {
      hint: 'The process ends so that it can be started anew; nothing committed is lost. A stage that really takes this long needs a larger --stall-seconds.',
      details: { group, partition },
    },
  )
