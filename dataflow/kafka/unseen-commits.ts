import { KalamError } from '../error.ts'
import type { OutputRecord, Positions } from '../log.ts'
import type { Connections } from './connections.ts'
import { groupPositions, topicOffsets } from './offsets.ts'

/** What a task has committed and others may not see yet. */
export interface UnseenCommits {
  note(outputs: readonly OutputRecord[], offsets: readonly number[], positions: Positions): void
  /**
   * Whether others see all of it: records can be read and the group has the positions. KalamError log_unavailable when that
   * takes longer than any transaction may: the brokers have forgotten to end one, and only a new producer does it.
   */
  areSeen(signal: AbortSignal): Promise<boolean>
  /** Whether anything is left that areSeen has not confirmed. */
  readonly any: boolean
}

/** Longer than another writer's transaction that is open before it. */
const forgottenMs = 12_000

/** Nothing is unseen at first. */
export const unseenCommits = (connections: Connections, group: string, partition: number): UnseenCommits => {
  const records = new Map<string, { topic: string; partition: number; offset: number }>()
  let moved: Positions = {}
  let since: number | undefined
  const lookForRecords = async (signal: AbortSignal) => {
    for (const topic of new Set([...records.values()].map((place) => place.topic))) {
      const ends = await topicOffsets(connections, topic, 'committed', signal)
      for (const [name, place] of records) {
        if (place.topic === topic && ends[place.partition]! > place.offset) records.delete(name)
      }
    }
  }
  const lookForPositions = async (signal: AbortSignal) => {
    const topics = Object.keys(moved)
    if (topics.length === 0) return
    const positions = await groupPositions(connections, group, topics, signal)
    for (const topic of topics) if ((positions[topic]?.[partition] ?? -1) >= moved[topic]!) delete moved[topic]
  }
  const any = () => records.size > 0 || Object.keys(moved).length > 0
  return {
    note(outputs, offsets, positions) {
      outputs.forEach(({ topic, partition }, i) => {
        const offset = offsets[i]!
        records.set(`${topic}/${partition}`, { topic, partition, offset })
      })
      moved = { ...moved, ...positions }
      since = undefined
    },
    async areSeen(signal) {
      await lookForRecords(signal)
      await lookForPositions(signal)
      if (!any()) return true
      since ??= Date.now()
      if (Date.now() - since < forgottenMs) return false
      throw new KalamError(
        'log_unavailable',
        `writing as ${group}.${partition}: what was committed cannot be read after ${forgottenMs / 1000} s`,
        { retryable: true },
      )
    },
    get any() {
      return any()
    },
  }
}
