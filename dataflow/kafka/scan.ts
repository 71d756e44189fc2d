import { setTimeout as sleep } from 'node:timers/promises'
import { KalamError } from '../error.ts'
import type { LogRecord } from '../log.ts'
import { committedRecords } from './committed-records.ts'
import type { Connections } from './connections.ts'
import { fetchFrom, isolation } from './kafkajs-internals.ts'
import { topicOffsets } from './offsets.ts'
import { partitionError } from './partition-error.ts'

const batchBytes = 4 * 2 ** 20
const maxWaitMs = 100
/** Longer than a transaction whose process is gone stays open, unless transactions there took so long before. */
const settleMs = 60_000
const pollMs = 10

/**
 * Committed records of a partition from `from` up to `to` (exclusive). Its end is the one at the time of the call: where a
 * transaction is open just then, it waits for its end, so that records whose positions are seen are seen too, and nobody
 * takes an old checkpoint for the last one.
 */
export const scanPartition = (
  connections: Connections,
  topic: string,
  partition: number,
  from: number,
  to = Number.POSITIVE_INFINITY,
  signal?: AbortSignal,
): AsyncGenerator<LogRecord[]> => {
  const end = settledEnd(connections, topic, partition, to, signal)
  // Whoever never iterates does not hear of it.
  end.catch(() => undefined)
  return scanTo(connections, topic, partition, from, end, signal)
}

async function* scanTo(
  connections: Connections,
  topic: string,
  partition: number,
  from: number,
  settled: Promise<number>,
  signal: AbortSignal | undefined,
): AsyncGenerator<LogRecord[]> {
  const end = await settled
  for (let at = Math.max(from, 0); at < end; ) {
    const { records, next, stable } = await fetchOne(connections, topic, partition, at, signal)
    if (next === at) {
      // Nothing stands there any more; or the leader is new and does not know yet what is committed.
      if (stable >= end) return
      await sleep(pollMs)
    }
    at = next
    const wanted = at > end ? records.filter(({ offset }) => offset < end) : records
    if (wanted.length > 0) yield wanted
  }
}

/** Where the partition's written end is now, once everything before it is committed or aborted. */
const settledEnd = async (
  connections: Connections,
  topic: string,
  partition: number,
  to: number,
  signal: AbortSignal | undefined,
): Promise<number> => {
  const ends = async (which: 'written' | 'committed') => {
    const end = (await topicOffsets(connections, topic, which, signal))[partition]
    if (end === undefined) throw new KalamError('log_broken', `reading ${topic}: it has no partition ${partition}`)
    return end
  }
  const written = Math.min(to, await ends('written'))
  const until = Date.now() + settleMs
  for (;;) {
    const committed = await ends('committed')
    if (committed >= written) return written
    if (Date.now() > until || signal?.aborted) {
      const message = `reading ${topic}, partition ${partition}: a transaction at offset ${committed} does not end`
      throw new KalamError('log_unavailable', message, {
        retryable: true,
        hint: 'The brokers end it after its timeout; kalam verify shows transactions that hang.',
      })
    }
    await sleep(pollMs)
  }
}

const fetchOne = (
  connections: Connections,
  topic: string,
  partition: number,
  from: number,
  signal: AbortSignal | undefined,
) =>
  connections.trying(
    `reading ${topic}, partition ${partition}`,
    async () => {
      const { broker } = await connections.leaderOf(topic, partition)
      const [answer] = await fetchFrom(broker, {
        ...{ maxWaitMs, maxBytes: batchBytes, isolationLevel: isolation.readCommitted },
        topics: [{ topic, partitions: [{ partition, fetchOffset: String(from), maxBytes: batchBytes }] }],
      })
      const [told] = answer?.partitions ?? []
      if (told?.errorCode !== 0) throw partitionError({ topic, partition, from }, told?.errorCode)
      return { ...committedRecords(told, from), stable: Number(told.lastStableOffset) }
    },
    signal,
  )

/**
 * The last committed record of a partition; undefined when it has none. `settled` waits for transactions that are open, else the last one
 * before them is given.
 */
export const lastRecord = async (
  connections: Connections,
  topic: string,
  partition: number,
  { settled, signal }: { settled: boolean; signal: AbortSignal },
): Promise<LogRecord | undefined> => {
  const end = settled
    ? await settledEnd(connections, topic, partition, Number.POSITIVE_INFINITY, signal)
    : ((await topicOffsets(connections, topic, 'committed', signal))[partition] ?? 0)
  const beginning = (await topicOffsets(connections, topic, 'beginning', signal))[partition] ?? 0
  // Markers stand at the end: mostly one.
  for (let step = 2; ; step *= 8) {
    const from = Math.max(beginning, end - step)
    let last: LogRecord | undefined
    for await (const records of scanPartition(connections, topic, partition, from, end, signal)) last = records.at(-1)
    if (last || from === beginning) return last
  }
}
