import { setTimeout as sleep } from 'node:timers/promises'
import kafkajs, { type Kafka, type Producer, type Transaction } from 'kafkajs'
import { KalamError, messageOf } from '../error.ts'
import { failpoint } from '../failpoint.ts'
import type { OutputRecord, Positions } from '../log.ts'
import { causeOf, explained } from './patience.ts'
import { offsetsOf, sendsOf, topicMessagesOf } from './sends.ts'
import { timeoutOf } from './transaction-timeouts.ts'
import { untilReady } from './until-ready.ts'

/** One transactional producer. It serves until its first error: what the broker did then is known only to the next one. */
export interface Transactions {
  /**
   * Appends outputs and moves positions in one transaction; returns the offset of every record. One at a time.
   * KalamError log_unavailable, with `details.fenced`, when the transaction did not certainly end, and with `details.tooLong` when
   * it took longer than its timeout; one that is not retryable when it would be refused again.
   */
  commit(outputs: readonly OutputRecord[], moved?: MovedPositions): Promise<number[]>
  close(): Promise<void>
}

/** Positions of one partition of a group's inputs. */
export interface MovedPositions {
  group: string
  partition: number
  positions: Positions
}

/** Error types that mean: somebody else has this transactional id now, or the broker has forgotten it. */
const fencedTypes = new Set([
  'INVALID_PRODUCER_EPOCH',
  'PRODUCER_FENCED',
  'INVALID_PRODUCER_ID_MAPPING',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_TXN_STATE',
  'TRANSACTION_COORDINATOR_FENCED',
])

/** After a week without a transaction, by default; a newer writer looks the same. */
const forgottenTypes = new Set(['INVALID_PRODUCER_ID_MAPPING', 'UNKNOWN_PRODUCER_ID'])
const forgotten = 'the brokers have forgotten this writer, or another took over'

/** It would be refused for ever. */
const tooLargeTypes = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'])

const closeMs = 3000

/**
 * Opens a producer and fences those opened before under this id: their transactions are ended, and nothing of theirs can
 * be committed from here on. With `whole` conversations are written in one piece; `before` runs first, as a part of the opening.
 */
export const openTransactions = async (
  kafka: Kafka,
  id: string,
  options: { whole: boolean; before?: () => Promise<void> },
): Promise<Transactions> => {
  const timeout = timeoutOf(kafka, id)
  const timeoutMs = timeout.ms
  const producer = kafka.producer({
    transactionalId: id,
    maxInFlightRequests: 1,
    transactionTimeout: timeoutMs,
    allowAutoTopicCreation: false,
    metadataMaxAge: 60_000,
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
  })
  try {
    await options.before?.()
    await producer.connect()
    // The first transaction asks for the id's next epoch; nothing was sent, so its end sends nothing either.
    const first = await producer.transaction()
    failpoint('during_fencing')
    await first.commit()
  } catch (thrown) {
    await closed(producer)
    if (causeOf(thrown).type === 'INVALID_TRANSACTION_TIMEOUT' && timeout.refused())
      return openTransactions(kafka, id, options)
    // Two that open at once may fence each other.
    throw isFencing(thrown) ? failure(id, thrown) : thrown
  }
  let broken: unknown
  return {
    async commit(outputs, moved) {
      if (broken) throw new KalamError('internal', `writing as ${id}: its producer is broken`, { cause: broken })
      const began = performance.now()
      try {
        const offsets = await transact(producer, outputs, moved, options.whole)
        timeout.kept(performance.now() - began)
        return offsets
      } catch (thrown) {
        broken = thrown
        const tookMs = performance.now() - began
        if (!isFencing(thrown) || tookMs < timeoutMs) throw failure(id, thrown)
        timeout.exceeded()
        throw tooLong(id, { tookMs, timeoutMs, nextMs: timeout.ms }, thrown)
      }
    },
    close: () => closed(producer),
  }
}

const isFencing = (thrown: unknown): boolean => fencedTypes.has(causeOf(thrown).type ?? '')

const failure = (id: string, cause: unknown): KalamError => {
  const { type } = causeOf(cause)
  const fenced = isFencing(cause)
  if (tooLargeTypes.has(type ?? '')) {
    return new KalamError('log_broken', `writing as ${id}: a record is larger than its topic takes`, {
      hint: "Raise the topic's max.message.bytes; a new topic gets what limits.conversation_bytes in pipeline.yaml needs.",
      cause,
    })
  }
  const told = explained(cause, `writing as ${id}`)
  if (told instanceof KalamError) return told
  return new KalamError(
    fenced ? 'state_in_use' : 'log_unavailable',
    `writing as ${id}: ${fenced ? `${forgottenTypes.has(type ?? '') ? forgotten : 'another writer took over'} (${type})` : messageOf(cause)}`,
    { retryable: true, details: { fenced }, cause },
  )
}

/** The brokers tell it as they tell of another writer, which may be there as well: who tries again waits as after that. */
const tooLong = (
  id: string,
  { tookMs, timeoutMs, nextMs }: { tookMs: number; timeoutMs: number; nextMs: number },
  cause: unknown,
): KalamError => {
  const seconds = (ms: number) => `${Math.floor(ms / 1000)} s`
  const fact = `the transaction took ${seconds(tookMs)}, longer than its timeout of ${seconds(timeoutMs)} (${causeOf(cause).type})`
  return new KalamError('log_unavailable', `writing as ${id}: ${fact}; the next one has ${seconds(nextMs)}`, {
    ...{ retryable: true, details: { fenced: true, tooLong: true }, cause },
    hint: "Look for a quota on this user's or client's producers (producer_byte_rate), a slow network, or brokers that are overloaded.",
  })
}

const transact = async (
  producer: Producer,
  outputs: readonly OutputRecord[],
  moved: MovedPositions | undefined,
  whole: boolean,
): Promise<number[]> => {
  const sends = sendsOf(outputs, whole).map((send) => ({ ...send, topicMessages: topicMessagesOf(send) }))
  const offsets: number[] = new Array(outputs.length)
  const transaction = await producer.transaction()
  failpoint('before_send')
  for (const send of sends) {
    // One at a time: a second one under way would use the same sequence numbers again after a lost response.
    const written = await transaction.sendBatch({
      acks: -1,
      compression: kafkajs.CompressionTypes.Snappy,
      topicMessages: send.topicMessages,
    })
    offsetsOf(send, written).forEach((offset, i) => {
      offsets[send.places[i]!] = offset
    })
  }
  failpoint('between_send_and_offsets')
  if (moved && Object.keys(moved.positions).length > 0) await sendPositions(transaction, moved)
  failpoint('before_end')
  await transaction.commit()
  failpoint('after_end')
  return offsets
}

/** As the first request of a transaction it may meet the end of the one before. */
const sendPositions = async (transaction: Transaction, { group, partition, positions }: MovedPositions) => {
  const topics = Object.entries(positions).map(([topic, position]) => ({
    topic,
    partitions: [{ partition, offset: String(position) }],
  }))
  await untilReady(() => transaction.sendOffsets({ consumerGroupId: group, topics }))
}

/** A broker that is away would hold the end up; its side ends by itself. */
const closed = async (producer: Producer): Promise<void> => {
  await Promise.race([producer.disconnect().catch(() => undefined), sleep(closeMs, undefined, { ref: false })])
}
