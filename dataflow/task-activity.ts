import type { LogRecord, OutputRecord, Positions, Task } from './log.ts'

/** Units under way in a task, finished but not committed ones included. */
export interface TaskWindow {
  readonly size: number
  /** Input bytes they hold. */
  readonly bytes: number
}

/** What one partition of one group has done in this process since it started, over all its tasks; a writer has no partition. */
export interface TaskActivity {
  readonly group: string
  readonly partition: number | undefined
  /** Whether a task is running now. */
  running: boolean
  recordsRead: number
  bytesRead: number
  recordsWritten: number
  bytesWritten: number
  commits: number
  /** Tasks that ended with an error. */
  failures: number
  /** When it last began, read something or committed, on the clock of `activities`. */
  progressMs: number
  /** Of the running task: what it will read next, by topic. */
  next: Positions
  /** Of the running task: topics that a read is waiting for now. */
  readonly waitsFor: Set<string>
  /** Whether a commit is under way. */
  committing: boolean
  /** Of the running task: the window of its operator, where it has one. */
  window: TaskWindow | undefined
  /** Of the running task: whether a read of any input would give something at once. */
  hasMore(): boolean
  /** Of the running task: whether something was read whose position is not committed. */
  hasUncommitted(): boolean
}

/** A group that this process has joined. */
export interface GroupActivity {
  readonly group: string
  readonly inputs: readonly string[]
  /** Whether it is a member now. */
  joined: boolean
}

/** All that meteredLog has seen: plain numbers that metrics and the watchdog look at when they want to. */
export interface Activities {
  readonly tasks: ReadonlyMap<string, TaskActivity>
  readonly groups: ReadonlyMap<string, GroupActivity>
  /** Records that were written elsewhere than to a group's output, by topic. */
  readonly writtenTo: ReadonlyMap<string, number>
  now(): number
}

/** Activities that meteredLog fills in. */
export interface ActivityBook extends Activities {
  readonly groups: Map<string, GroupActivity>
  readonly writtenTo: Map<string, number>
  /** The activity of a partition of a group or of a writer, made where there is none. */
  of(group: string, partition?: number): TaskActivity
  /** Told how long a commit took. */
  committed(activity: TaskActivity, ms: number): void
}

/** An empty book; `now` is a clock in milliseconds that never jumps. */
export const activityBook = (
  now: () => number,
  committed: (activity: TaskActivity, ms: number) => void = () => undefined,
): ActivityBook => {
  const tasks = new Map<string, TaskActivity>()
  return {
    tasks,
    groups: new Map(),
    writtenTo: new Map(),
    now,
    committed,
    of(group, partition) {
      const key = `${group} ${partition ?? ''}`
      let activity = tasks.get(key)
      if (!activity) {
        activity = freshActivity(group, partition, now())
        tasks.set(key, activity)
      }
      return activity
    },
  }
}

const freshActivity = (group: string, partition: number | undefined, progressMs: number): TaskActivity => ({
  group,
  partition,
  running: false,
  recordsRead: 0,
  bytesRead: 0,
  recordsWritten: 0,
  bytesWritten: 0,
  commits: 0,
  failures: 0,
  progressMs,
  next: {},
  waitsFor: new Set(),
  committing: false,
  window: undefined,
  hasMore: () => false,
  hasUncommitted: () => false,
})

/** Notes that a task begins. Returns what notes its end. */
export const beginTask = (activity: TaskActivity, task: Task, inputs: readonly string[], now: number): (() => void) => {
  activity.running = true
  activity.progressMs = now
  activity.next = { ...task.start }
  const hasMore = () => inputs.some((topic) => task.hasMore(topic))
  activity.hasMore = hasMore
  return () => {
    // The partition may have come back while the last task was still ending.
    if (activity.hasMore !== hasMore) return
    activity.running = false
    activity.waitsFor.clear()
    activity.committing = false
    activity.window = undefined
    activity.hasMore = activity.hasUncommitted = () => false
  }
}

/** Notes records that were read. */
export const noteRead = (activity: TaskActivity, topic: string, records: readonly LogRecord[], now: number): void => {
  const last = records.at(-1)
  if (!last) return
  for (const { value } of records) activity.bytesRead += value.length
  activity.recordsRead += records.length
  activity.next[topic] = last.offset + 1
  activity.progressMs = now
}

/** Notes records that were written in one commit. */
export const noteCommit = (activity: TaskActivity, outputs: readonly OutputRecord[], now: number): void => {
  for (const { value } of outputs) activity.bytesWritten += value.length
  activity.recordsWritten += outputs.length
  activity.commits++
  activity.progressMs = now
}
