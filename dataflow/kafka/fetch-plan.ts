import type { Fetched } from './committed-records.ts'
import type { FetchAsked } from './kafkajs-internals.ts'

/** A partition to be read on. */
export interface FetchTarget {
  topic: string
  partition: number
  /** Next offset to ask for. */
  readonly from: number
  /** About how many bytes one answer may have; one batch always fits. */
  readonly maxBytes: number
  deliver(fetched: Fetched): void
  fail(error: unknown): void
}

/** One partition of a fetch request, and who gets what comes. */
export interface PlannedFetch {
  topic: string
  partition: number
  from: number
  maxBytes: number
  targets: FetchTarget[]
}

/** One name for a partition. */
export const partitionName = ({ topic, partition }: { topic: string; partition: number }): string =>
  `${topic}\0${partition}`

/**
 * What to ask for: each partition once, although several groups may read it at different places. Those that stand at the
 * same offset share one answer; of different ones the first that has records to come goes first. `ends` tells where
 * partitions ended when they were last seen.
 */
export const planFetch = (targets: readonly FetchTarget[], ends: ReadonlyMap<string, number>): PlannedFetch[] => {
  const planned = new Map<string, PlannedFetch>()
  const hasMore = (target: { topic: string; partition: number; from: number }) =>
    target.from < (ends.get(partitionName(target)) ?? Number.POSITIVE_INFINITY)
  for (const target of targets) {
    const { topic, partition, from, maxBytes } = target
    const name = partitionName(target)
    const chosen = planned.get(name)
    if (chosen?.from === from) {
      chosen.targets.push(target)
      chosen.maxBytes = Math.max(chosen.maxBytes, maxBytes)
    } else if (!chosen || (!hasMore(chosen) && hasMore(target))) {
      planned.set(name, { topic, partition, from, maxBytes, targets: [target] })
    }
  }
  return [...planned.values()]
}

/** The planned partitions as a request has them: neighbours of one topic share an entry, otherwise the order is kept. */
export const askedOf = (planned: readonly PlannedFetch[]): { topic: string; partitions: FetchAsked[] }[] => {
  const topics = new Map<string, FetchAsked[]>()
  for (const { topic, partition, from, maxBytes } of planned) {
    const partitions = topics.get(topic) ?? []
    topics.set(topic, partitions)
    partitions.push({ partition, fetchOffset: String(from), maxBytes })
  }
  return [...topics].map(([topic, partitions]) => ({ topic, partitions }))
}
