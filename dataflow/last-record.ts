import type { Log, LogRecord } from './log.ts'

/** The last record of a partition; undefined when it has none. Offsets may have gaps, so it looks ever further back. */
export const lastRecord = async (log: Log, topic: string, partition: number): Promise<LogRecord | undefined> => {
  const end = (await log.ends(topic))[partition] ?? 0
  for (let back = 1; ; back *= 8) {
    const from = Math.max(0, end - back)
    let last: LogRecord | undefined
    for await (const records of log.scan(topic, partition, from, end)) last = records.at(-1) ?? last
    if (last || from === 0) return last
  }
}

/**
 * How far a line's output has come in a partition, in ordinals of conversations, so that generations with different inputs can be
 * compared: that of the last conversation, less a half where its records are not all there; -1 when there is none.
 */
export const lastPlace = async (log: Log, topic: string, partition: number): Promise<number> => {
  const last = await lastRecord(log, topic, partition)
  if (!last) return -1
  const { ordinal, index, count } = last.headers
  return Number(ordinal) - (Number(index) + 1 < Number(count) ? 0.5 : 0)
}
