import { setTimeout as sleep } from 'node:timers/promises'
import { KalamError } from '../error.ts'
import type { GroupOptions, Positions } from '../log.ts'
import type { LogEvents } from '../log-events.ts'
import type { Connections } from './connections.ts'
import { groupPositions, topicOffsets } from './offsets.ts'
import { lastRecord } from './scan.ts'

const settleMs = 5000
const pollMs = 200

/**
 * Where a task begins: at its group's committed positions, or, where they are lost, behind what its last output was made
 * of. KalamError log_broken when the output does not tell, or when a position lies outside its topic.
 */
export const startPositions = async (
  connections: Connections,
  group: GroupOptions,
  partition: number,
  options: { signal: AbortSignal; onEvent: LogEvents | undefined },
): Promise<Positions> => {
  const { signal, onEvent } = options
  const committed = await groupPositions(connections, group.group, group.inputs, signal)
  const start: Positions = {}
  const lost: string[] = []
  for (const topic of group.inputs) {
    const position = committed[topic]?.[partition]
    if (position === undefined) lost.push(topic)
    else start[topic] = position
  }
  if (lost.length > 0) {
    const found = await fromOutput(connections, group, partition, signal)
    for (const topic of lost) start[topic] = found ? found(topic) : 0
    if (found) onEvent?.({ kind: 'recovered_position', group: group.group, partitions: [partition] })
  }
  for (const topic of group.inputs)
    await refuseOutside(connections, group.group, topic, partition, start[topic]!, signal)
  return start
}

const fromOutput = async (
  connections: Connections,
  { group, inputs, output }: GroupOptions,
  partition: number,
  signal: AbortSignal,
): Promise<((topic: string) => number) | undefined> => {
  if (output === undefined) return undefined
  const last = await lastRecord(connections, output, partition, signal)
  if (!last) return undefined
  return (topic) => {
    const position = last.headers.position?.split(',')[inputs.indexOf(topic)]
    if (position !== undefined && /^\d+$/.test(position)) return Number(position)
    throw new KalamError(
      'log_broken',
      `starting ${group}, partition ${partition}: its position is lost and ${output} does not tell it`,
      { hint: 'Give the line a new name in pipeline.yaml; its records are made again.' },
    )
  }
}

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
