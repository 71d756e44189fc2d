import type { Log } from '../dataflow/log.ts'
import type { StageLine } from './flow.ts'

/** How far a line has come in one of its inputs, over all partitions. */
export interface InputPosition {
  topic: string
  committed: number
  end: number
  /** When the conversation of the oldest waiting record came in, milliseconds since 1970; null when none waits. */
  oldestMs: number | null
}

/** How far a line has come. */
export interface LinePosition {
  stage: StageLine['stage']
  line: string
  group: string
  generation: number
  state: StageLine['state']
  standsStill?: StageLine['standsStill']
  unit: string
  inputs: InputPosition[]
  output: string | null
}

/** The positions of every line, in the order of the dataflow; rejects when one of them cannot be told. */
export const linePositions = (log: Log, stages: readonly StageLine[]): Promise<LinePosition[]> =>
  Promise.all(stages.map((line) => linePosition(log, line)))

/** The position of one line; KalamError log_broken when a topic of it is not there. */
export const linePosition = async (
  log: Log,
  { stage, line, generation, state, standsStill, unit, group, inputs, output }: StageLine,
): Promise<LinePosition> => ({
  stage,
  line,
  group,
  generation,
  state,
  ...(standsStill && { standsStill }),
  unit,
  inputs: await Promise.all(inputs.map((topic) => inputPosition(log, group, topic))),
  output: output ?? null,
})

const inputPosition = async (log: Log, group: string, topic: string): Promise<InputPosition> => {
  // Committed first: an end read before it could lie behind it.
  const committed = await log.committed(group, topic)
  const ends = await log.ends(topic)
  const position: InputPosition = { topic, committed: 0, end: 0, oldestMs: null }
  for (const [partition, end] of ends.entries()) {
    const from = committed[partition] ?? 0
    position.committed += from
    position.end += end
    if (from >= end) continue
    const timestamp = await timestampAt(log, topic, partition, from)
    if (timestamp !== null) position.oldestMs = Math.min(position.oldestMs ?? timestamp, timestamp)
  }
  return position
}

const timestampAt = async (log: Log, topic: string, partition: number, offset: number): Promise<number | null> => {
  for await (const [record] of log.scan(topic, partition, offset, offset + 1)) return record?.timestamp ?? null
  return null
}

/** A line's positions over all its inputs. */
export const sumOf = ({ inputs }: Pick<LinePosition, 'inputs'>): { committed: number; end: number } => ({
  committed: inputs.reduce((sum, { committed }) => sum + committed, 0),
  end: inputs.reduce((sum, { end }) => sum + end, 0),
})

/** When the conversation of a line's oldest waiting record came in; null when none waits. */
export const oldestOf = ({ inputs }: Pick<LinePosition, 'inputs'>): number | null =>
  inputs.reduce<number | null>(
    (least, { oldestMs }) => (oldestMs === null ? least : Math.min(least ?? oldestMs, oldestMs)),
    null,
  )

/**
 * What share of all its work each line has done, by stage and line: what has come to it, times what it has finished of
 * that. `read` is the share of the sources that has been read.
 */
export const lineShares = (lines: readonly LinePosition[], read: number): Map<LinePosition, number> => {
  const ofTopic = new Map<string, number>()
  const shares = new Map<LinePosition, number>()
  for (const line of lines) {
    const done = line.inputs.map(
      ({ topic, committed, end }) => (ofTopic.get(topic) ?? read) * (end === 0 ? 1 : Math.min(1, committed / end)),
    )
    const share = Math.min(1, ...done)
    shares.set(line, share)
    if (line.output !== null) ofTopic.set(line.output, share)
  }
  return shares
}
