import type { Kafka } from 'kafkajs'

/** For how long transactions of one id may be open. */
export interface TransactionTimeout {
  /** What the next producer asks for. */
  readonly ms: number
  /** One took longer: after a second one in a row the next producer gets more time. The first may have met an outage. */
  exceeded(): void
  /** One ended after so long; when many in a row needed little, the next producer gets as much as at first. */
  kept(tookMs: number): void
  /** The brokers' transaction.max.timeout.ms is less; returns whether the next producer asks for less. */
  refused(): boolean
}

/** Readers wait for an open transaction: one that a dead process left ends after this time, or when its successor comes. */
export const shortestTimeoutMs = 10_000
/** The brokers' own limit, where nobody changed it. */
const longestMs = 15 * 60_000
const factor = 3
const quickMs = shortestTimeoutMs / 2
const quickOnes = 100

const books = new WeakMap<Kafka, Map<string, TransactionTimeout>>()

/** The timeout of an id's transactions, remembered for as long as the client lives. */
export const timeoutOf = (kafka: Kafka, id: string): TransactionTimeout => {
  const book = books.get(kafka) ?? new Map<string, TransactionTimeout>()
  books.set(kafka, book)
  const timeout = book.get(id) ?? risingTimeout()
  book.set(id, timeout)
  return timeout
}

/** Ten seconds, and three times as long after each transaction but the first that took longer in a row, up to a quarter of an hour. */
export const risingTimeout = (): TransactionTimeout => {
  let ms = shortestTimeoutMs
  let most = longestMs
  let quick = 0
  let tooLong = 0
  return {
    get ms() {
      return ms
    },
    exceeded() {
      quick = 0
      if (++tooLong > 1) ms = Math.min(most, ms * factor)
    },
    kept(tookMs) {
      tooLong = 0
      quick = tookMs < quickMs ? quick + 1 : 0
      if (quick >= quickOnes) ms = shortestTimeoutMs
    },
    refused() {
      if (ms === shortestTimeoutMs) return false
      most = Math.max(shortestTimeoutMs, Math.floor((ms * 2) / 3))
      ms = most
      return true
    },
  }
}
