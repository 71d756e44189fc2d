import type { Log } from '../dataflow/log.ts'
import type { StageLine } from './flow.ts'

/** How far one line has come, summed over its partitions and inputs. */
export interface LineProgress {
  stage: string
  line: string
  generation: number
  unit: string
  committed: number
  end: number
}

/** The committed and end offsets of every line. */
export const lineProgress = async (log: Log, stages: StageLine[]): Promise<LineProgress[]> =>
  Promise.all(
    stages.map(async ({ stage, line, generation, unit, group, inputs }) => {
      const sums = { committed: 0, end: 0 }
      for (const topic of inputs) {
        for (const end of await log.ends(topic)) sums.end += end
        for (const position of await log.committed(group, topic)) sums.committed += position ?? 0
      }
      return { stage, line, generation, unit, ...sums }
    }),
  )

/** The topics that do not grow although their input does, because a line that stands still is before them. */
export const stalledTopics = (lines: readonly StageLine[]): Set<string> => {
  const stalled = new Set<string>()
  for (const { standsStill, inputs, output } of lines)
    if (output !== undefined && (standsStill !== undefined || inputs.some((topic) => stalled.has(topic))))
      stalled.add(output)
  return stalled
}

/**
 * Whether a line has done all that it can: everything that came to it, or, behind a line that stands still, all whole
 * conversations of one such input. A line that stands still itself has nothing to do.
 */
export const isThrough = async (log: Log, line: StageLine, stalled: ReadonlySet<string>): Promise<boolean> => {
  if (line.standsStill !== undefined) return true
  const limiting = line.inputs.filter((topic) => stalled.has(topic))
  if (limiting.length === 0) {
    for (const topic of line.inputs) if (!(await isRead(log, line.group, topic, false))) return false
    return true
  }
  for (const topic of limiting) if (await isRead(log, line.group, topic, true)) return true
  return false
}

/** Whether a group has committed an input to its end; with `whole` but for a conversation whose records are not all there. */
const isRead = async (log: Log, group: string, topic: string, whole: boolean): Promise<boolean> => {
  const committed = await log.committed(group, topic)
  const ends = await log.ends(topic)
  for (const [partition, end] of ends.entries()) {
    const from = committed[partition] ?? 0
    if (from >= end) continue
    if (!whole || !(await isHalf(log, { topic, partition, from, end }))) return false
  }
  return true
}

const isHalf = async (
  log: Log,
  { topic, partition, from, end }: { topic: string; partition: number; from: number; end: number },
): Promise<boolean> => {
  let count = 0
  for await (const records of log.scan(topic, partition, from, end)) {
    for (const { headers } of records) if (++count >= Number(headers.count)) return false
  }
  return true
}
