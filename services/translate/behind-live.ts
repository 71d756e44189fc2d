import { setTimeout as sleep } from 'node:timers/promises'
import type { LogRecord, Task } from '../../dataflow/log.ts'

const pollMs = 100

/**
 * The same task, which gives no record of a conversation behind the place that `place` tells, in ordinals; undefined there sets no
 * bound. So a generation that is built anew never asks what the live one is asking at the same time.
 */
export const behindLive = (task: Task, place: () => Promise<number | undefined>): Task => {
  let waiting: LogRecord[] = []
  return {
    ...task,
    hasMore: (topic) => waiting.length === 0 && task.hasMore(topic),
    async read(topic, maxBytes) {
      if (waiting.length === 0) waiting = await task.read(topic, maxBytes)
      while (waiting.length > 0 && !task.signal.aborted) {
        const bound = await place()
        const first = bound === undefined ? -1 : waiting.findIndex(({ headers }) => Number(headers.ordinal) > bound)
        const ready = waiting.splice(0, first < 0 ? waiting.length : first)
        if (ready.length > 0) return ready
        await sleep(pollMs, undefined, { signal: task.signal }).catch(() => undefined)
      }
      return []
    },
  }
}
