import { setTimeout as sleep } from 'node:timers/promises'
import { KalamError, messageOf } from '../error.ts'
import type { LogEvents } from '../log-events.ts'
import { committedRecords } from './committed-records.ts'
import type { Connections } from './connections.ts'
import { askedOf, type FetchTarget, type PlannedFetch, partitionName, planFetch } from './fetch-plan.ts'
import { type FetchTold, fetchFrom, isolation } from './kafkajs-internals.ts'
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
const offsetOutOfRange = 1
const notAuthorized = 29

/** Those that were served last stand last, so that a full answer starves nobody. */
export const openFetcher = (connections: Connections, onEvent?: LogEvents): Fetcher => {
  const wanted = new Set<FetchTarget>()
  const lanes = new Map<number, Promise<void>>()
  const ends = new Map<string, number>()
  let pauseMs = 0
  let placing: Promise<void> | undefined
  let closed = false

  const place = () => {
    if (closed || placing) return
    placing = placeAll().finally(() => {
      placing = undefined
    })
  }
  /** Starts a lane for every broker that leads a wanted partition and has none. */
  const placeAll = async (): Promise<void> => {
    if (pauseMs > 0) await sleep(pauseMs, undefined, { ref: false })
    for (const target of [...wanted]) {
      try {
        const { nodeId } = await connections.leaderOf(target.topic, target.partition)
        if (!closed && !lanes.has(nodeId)) lanes.set(nodeId, lane(nodeId))
        pauseMs = 0
      } catch (thrown) {
        await afterError(thrown, [target])
      }
    }
    if (pauseMs > 0 && wanted.size > 0) setImmediate(place)
  }
  const lane = async (nodeId: number): Promise<void> => {
    try {
      while (!closed) {
        const led = await ledBy(connections, wanted, nodeId)
        const planned = planFetch(led.targets, ends)
        if (planned.length === 0 || !led.broker) break
        const answer = await fetchFrom(led.broker, {
          ...{ maxWaitMs, maxBytes: answerBytes, isolationLevel: isolation.readCommitted },
          topics: askedOf(planned),
        })
        for (const { topicName, partitions } of answer)
          for (const told of partitions) await take(planned, topicName, told)
      }
    } catch (thrown) {
      await afterError(thrown, [...wanted])
    }
    lanes.delete(nodeId)
    if (wanted.size > 0) place()
  }
  const take = async (planned: PlannedFetch[], topic: string, told: FetchTold): Promise<void> => {
    const asked = planned.find((each) => each.topic === topic && each.partition === told.partition)
    const targets = asked?.targets.filter((target) => wanted.has(target) && target.from === asked.from)
    if (!asked || !targets?.length) return
    if (told.errorCode !== 0) return afterError(partitionError(asked, told.errorCode), targets)
    ends.set(partitionName(asked), Number(told.lastStableOffset))
    const fetched = committedRecords(told, asked.from)
    if (fetched.next === asked.from) return
    for (const target of targets) {
      wanted.delete(target)
      target.deliver(fetched)
    }
  }
  const afterError = async (thrown: unknown, targets: FetchTarget[]): Promise<void> => {
    if (closed) return
    if (!isTransient(thrown)) {
      for (const target of targets) {
        wanted.delete(target)
        target.fail(thrown)
      }
      return
    }
    if (pauseMs === 0)
      onEvent?.({ kind: 'waiting', group: '', reason: 'brokers_away', message: `reading: ${messageOf(thrown)}` })
    pauseMs = Math.min(longestPauseMs, Math.max(firstPauseMs, pauseMs * 2))
    await connections.failed(thrown)
  }
  return {
    want(target) {
      wanted.add(target)
      place()
    },
    forget: (target) => wanted.delete(target),
    close() {
      closed = true
      wanted.clear()
    },
  }
}

const ledBy = async (connections: Connections, wanted: Iterable<FetchTarget>, nodeId: number) => {
  const targets: FetchTarget[] = []
  let leader: Awaited<ReturnType<Connections['leaderOf']>>['broker'] | undefined
  for (const target of [...wanted]) {
    const { nodeId: leads, broker } = await connections.leaderOf(target.topic, target.partition)
    if (leads !== nodeId) continue
    targets.push(target)
    leader = broker
  }
  return { targets, broker: leader }
}

const partitionError = ({ topic, partition, from }: PlannedFetch, code: number): KalamError => {
  const doing = `reading ${topic}, partition ${partition}, from offset ${from}`
  if (code === offsetOutOfRange) {
    return new KalamError('log_broken', `${doing}: the topic does not have this offset`, {
      hint: 'Its records were deleted, or the topic was made anew: check retention. kalam verify shows what is there.',
    })
  }
  if (code === notAuthorized) {
    return new KalamError('log_unavailable', `${doing}: the brokers refuse it`, {
      hint: 'Give this user the right to read the topic; docs/deploy.md lists the rights.',
    })
  }
  // The leader moved or is starting: code of the protocol.
  return new KalamError('log_unavailable', `${doing}: the broker answers error ${code}`, { retryable: true })
}
