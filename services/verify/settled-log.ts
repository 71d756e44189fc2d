import type { Log } from '../../dataflow/log.ts'

/** The same log, whose scans end before the first open transaction instead of waiting for its end. */
export const settledLog = (log: Log): Log => {
  const { committedEnds } = log
  if (!committedEnds) return log
  return {
    ...log,
    async *scan(topic, partition, from, to = Number.POSITIVE_INFINITY) {
      const settled = (await committedEnds(topic))[partition]
      // A partition that is not there is the log's own error.
      yield* log.scan(topic, partition, from, settled === undefined ? to : Math.min(to, settled))
    },
  }
}
