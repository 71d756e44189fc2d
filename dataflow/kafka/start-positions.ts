import { setTimeout as sleep } from 'node:timers/promises'
import { KalamError } from '../error.ts'
import type { GroupOptions, LogRecord, Positions } from '../log.ts'
import type { LogEvents } from '../log-events.ts'
import type { Connections } from './connections.ts'
import { groupPositions, topicOffsets } from './offsets.ts'
import { lastRecord } from './scan.ts'

const settleMs = 5000
const pollMs = 200

/**
 * Where a task begins: at its group's committed positions, or, where they are lost or were set back, behind what its last output was
 * made of: a transaction has both, so that no output is ahead of its position. KalamError log_broken when the output does not tell, or when a position lies outside its topic.
 */
export const startPositions = async (
  connections: Connections,
  group: GroupOptions,
  partition: number,
  options: { signal: AbortSignal; onEvent: LogEvents | undefined },
): Promise<Positions> => {
  const { signal, onEvent } = options
  const committed = await groupPositions(connections, group.group, group.inputs, signal)
  const isLost = group.inputs.some((topic) => committed[topic]?.[partition] === undefined)
  const last = await lastOutput(connections, group, partition, { settled: isLost, signal })
  const start: Positions = {}
  let isRecovered = false
  for (const topic of group.inputs) {
    const position = committed[topic]?.[partition]
    const told = last && toldPosition(last, group, topic)
    if (last && position === undefined && told === undefined) throw lostPosition(group, partition)
    start[topic] = Math.max(position ?? 0, told ?? 0)
    isRecovered ||= start[topic] !== (position ?? 0) || (last !== undefined && position === undefined)
  }
  if (isRecovered) onEvent?.({ kind: 'recovered_position', group: group.group, partitions: [partition] })
  for (const topic of group.inputs)
    await refuseOutside(connections, group.group, topic, partition, start[topic]!, signal)
  return start
}

const lastOutput = async (
  connections: Connections,
  { output }: GroupOptions,
  partition: number,
  options: { settled: boolean; signal: AbortSignal },
): Promise<LogRecord | undefined> =>
  output === undefined ? undefined : lastRecord(connections, output, partition, options)

/** The position in an input that an output was made up to; undefined where it does not tell. */
const toldPosition = ({ headers }: LogRecord, { inputs }: GroupOptions, topic: string): number | undefined => {
  const position = headers.position?.split(',')[inputs.indexOf(topic)]
  return position !== undefined && /^\d+$/.test(position) ? Number(position) : undefined
}

const lostPosition = ({ group, output }: GroupOptions, partition: number): KalamError =>
  new KalamError(
    'log_broken',
    `starting ${group}, partition ${partition}: its position is lost and ${output} does not tell it`,
    { hint: 'Give the line a new name in pipeline.yaml; its records are made again.' },
  )

const refuseOutside = async (
  connections: Connections,
  group: string,
  topic: string,
  partition: number,
  position: number,
  signal: AbortSignal,
): Promise<void> => {
  const beginning = (await topicOffsets(connections, topic, 'beginning', signal))[partition]!
  let end = 0
  // A new leader learns only after a moment what its followers have.
  for (const until = Date.now() + settleMs; ; await sleep(pollMs)) {
    end = (await topicOffsets(connections, topic, 'written', signal))[partition]!
    if (position >= beginning && position <= end) return
    if (position < beginning || Date.now() > until || signal.aborted) break
  }
  // A new group may begin where a topic does; a topic of a pipeline begins with its first record.
  throw new KalamError(
    'log_broken',
    `starting ${group}, partition ${partition}: its position in ${topic} is ${position}, the topic holds ${beginning} to ${end}`,
    {
      hint: 'Records were deleted, or the topic was made anew: topics of a pipeline need retention.ms=-1. Restore it, or give the line a new name.',
    },
  )
}
