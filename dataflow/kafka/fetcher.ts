import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '../error.ts'
import type { LogEvents } from '../log-events.ts'
import { committedRecords } from './committed-records.ts'
import type { Connections } from './connections.ts'
import { askedOf, type FetchTarget, type PlannedFetch, partitionName, planFetch } from './fetch-plan.ts'
import { type Broker, type FetchTold, fetchFrom, isolation } from './kafkajs-internals.ts'
import { partitionError } from './partition-error.ts'
import { isTransient } from './patience.ts'

/** One fetch at a time from each broker, for all partitions that want records, whoever leads them. */
export interface Fetcher {
  /** Asks for records of a partition until some have come; the next ones have to be wanted again. */
  want(target: FetchTarget): void
  forget(target: FetchTarget): void
  close(): void
}

const maxWaitMs = 250
const answerBytes = 16 * 2 ** 20
const firstPauseMs = 50
const longestPauseMs = 1000
const toldAgainMs = 30_000

/** Those that were served last stand last, so that a full answer starves nobody. */
export const openFetcher = (connections: Connections, onEvent?: LogEvents): Fetcher => {
  const wanted = new Set<FetchTarget>()
  const lanes = new Set<number>()
  const ends = new Map<string, number>()
  const pace = pacing(connections, onEvent)
  let isPlacing = false
  let closed = false

  const failed = async (thrown: unknown, targets: Iterable<FetchTarget>): Promise<void> => {
    if (closed) return
    if (isTransient(thrown)) return pace.failed(thrown)
    for (const target of [...targets]) if (wanted.delete(target)) target.fail(thrown)
  }
  /** Starts a lane for every broker that leads a wanted partition and has none. */
  const place = async (): Promise<void> => {
    if (closed || isPlacing) return
    isPlacing = true
    await pace.pause()
    let missed = false
    for (const target of [...wanted]) {
      try {
        const { nodeId } = await connections.leaderOf(target.topic, target.partition)
        if (!lanes.has(nodeId)) void lane(nodeId)
      } catch (thrown) {
        missed = true
        await failed(thrown, [target])
      }
    }
    isPlacing = false
    if (missed) void place()
  }
  const lane = async (nodeId: number): Promise<void> => {
    lanes.add(nodeId)
    while (!closed) {
      await pace.pause()
      try {
        const led = await ledBy(connections, wanted, nodeId)
        if (led.nodes.some((node) => !lanes.has(node))) void place()
        const planned = planFetch(led.targets, ends)
        if (planned.length === 0 || !led.broker) break
        const answer = await fetchFrom(led.broker, {
          ...{ maxWaitMs, maxBytes: answerBytes, isolationLevel: isolation.readCommitted },
          topics: askedOf(planned),
        })
        pace.fine()
        for (const { topicName, partitions } of answer)
          for (const told of partitions) await take(planned, topicName, told)
      } catch (thrown) {
        await failed(thrown, wanted)
      }
    }
    lanes.delete(nodeId)
    // One may have been wanted just when the lane saw none.
    if (wanted.size > 0) void place()
  }
  const take = async (planned: PlannedFetch[], topic: string, told: FetchTold): Promise<void> => {
    const asked = planned.find((each) => each.topic === topic && each.partition === told.partition)
    const targets = asked?.targets.filter((target) => wanted.has(target) && target.from === asked.from)
    if (!asked || !targets?.length) return
    if (told.errorCode !== 0) return failed(partitionError(asked, told.errorCode), targets)
    ends.set(partitionName(asked), Number(told.lastStableOffset))
    const fetched = committedRecords(told, asked.from)
    if (fetched.next === asked.from) return
    for (const target of targets) if (wanted.delete(target)) target.deliver(fetched)
  }
  return {
    want(target) {
      wanted.add(target)
      void place()
    },
    forget: (target) => wanted.delete(target),
    close() {
      closed = true
      wanted.clear()
    },
  }
}

/** Waits a little longer after each failure in a row, and tells of the first one and then now and again. */
const pacing = (connections: Connections, onEvent: LogEvents | undefined) => {
  let pauseMs = 0
  let toldAt = Number.NEGATIVE_INFINITY
  return {
    pause: async (): Promise<void> => {
      if (pauseMs > 0) await sleep(pauseMs)
    },
    async failed(thrown: unknown): Promise<void> {
      pauseMs = Math.min(longestPauseMs, Math.max(firstPauseMs, pauseMs * 2))
      if (Date.now() - toldAt > toldAgainMs) {
        toldAt = Date.now()
        onEvent?.({ kind: 'waiting', group: '', reason: 'brokers_away', message: `reading: ${messageOf(thrown)}` })
      }
      await connections.failed(thrown)
    },
    fine() {
      pauseMs = 0
      toldAt = Number.NEGATIVE_INFINITY
    },
  }
}

/** The wanted partitions that a broker leads, and who leads any. */
const ledBy = async (connections: Connections, wanted: Iterable<FetchTarget>, nodeId: number) => {
  const targets: FetchTarget[] = []
  const nodes = new Set<number>()
  let leader: Broker | undefined
  for (const target of [...wanted]) {
    const { nodeId: leads, broker } = await connections.leaderOf(target.topic, target.partition)
    nodes.add(leads)
    if (leads !== nodeId) continue
    targets.push(target)
    leader = broker
  }
  return { targets, broker: leader, nodes: [...nodes] }
}
