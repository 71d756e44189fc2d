import { computeLimits, type Limits } from '../dataflow/operators/run-ordered.ts'

const mebibyte = 2 ** 20

/** What all tasks of a process may hold together: records under way, and bytes of their inputs. */
export const processLimits = { records: 65_536, readBytes: 64 * mebibyte, windowBytes: 192 * mebibyte }

/** How much each task of a process may hold. */
export interface TaskLimits {
  /** Of one read of one input; four times as much may wait to be landed, beside as much that is being written. */
  readBytes: number
  /** Of stages that only compute. */
  compute: Limits
  /** Of stages that call others. */
  calls: Limits
}

/**
 * Shares what a process may hold over its tasks, so that its memory depends neither on the number of lines and
 * partitions nor on the length of the input. Each task may hold at least one conversation, however large.
 */
export const taskLimits = ({ tasks, calling }: { tasks: number; calling: number }): TaskLimits => ({
  readBytes: share(processLimits.readBytes, tasks, 64 * 1024, 2 * mebibyte),
  compute: { ...computeLimits, windowBytes: share(processLimits.windowBytes / 3, tasks, 128 * 1024, 8 * mebibyte) },
  calls: {
    ...computeLimits,
    window: share(processLimits.records, calling, 256, processLimits.records),
    windowBytes: share((processLimits.windowBytes * 2) / 3, calling, mebibyte, 128 * mebibyte),
  },
})

const share = (all: number, among: number, least: number, most: number): number =>
  Math.floor(Math.min(most, Math.max(least, all / Math.max(1, among))))
