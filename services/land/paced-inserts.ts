import { setTimeout as sleep } from 'node:timers/promises'
import { bytesOf, joinRowTexts, type RowText } from './row-text.ts'
import type { Warehouse } from './warehouse.ts'

/** So much of either is not held back for company. */
const mostRows = 50_000
const mostBytes = 4 * 2 ** 20

/** How inserts are paced. */
export interface Pace {
  /** Milliseconds between the ends of inserts into one table and line, at least and at most. */
  leastMs: number
  mostMs: number
  /** A pause is so many times as long as the insert before it took: inserting takes 1 / (1 + share) of the time. */
  share: number
}

/** A warehouse whose inserts are paced. */
export interface PacedWarehouse extends Warehouse {
  /** Ends all pauses and makes the next ones as short as an insert takes, for when only what has come is left to be written. */
  hurry(): void
}

interface Waiting {
  text: RowText
  resolve(): void
  reject(thrown: unknown): void
}

interface Queue {
  waiting: Waiting[]
  rows: number
  bytes: number
  draining: boolean
  /** When the next insert may begin, and when in a hurry. */
  nextAt: number
  hurriedAt: number
  wake: (() => void) | undefined
}

/**
 * The same warehouse, which pauses between inserts into one table and writes what came in meanwhile as one: many
 * small inserts from all lines and partitions would cost more than their rows, and make more parts than ClickHouse can
 * merge. An insert still resolves when its rows are written. The first one does not wait, and 50,000 rows or 4 MiB never do.
 */
export const pacedInserts = (warehouse: Warehouse, { leastMs, mostMs, share }: Pace): PacedWarehouse => {
  const queues = new Map<string, Queue>()
  let isHurried = false

  const drain = async (queue: Queue, table: string): Promise<void> => {
    queue.draining = true
    while (queue.waiting.length > 0) {
      const waitMs = (isHurried ? queue.hurriedAt : queue.nextAt) - performance.now()
      if (waitMs > 0 && !isFull(queue)) await pauseOf(queue, waitMs)
      const began = performance.now()
      await insertTogether(table, takeRows(queue))
      const now = performance.now()
      const tookMs = now - began
      queue.hurriedAt = now + tookMs
      queue.nextAt = now + Math.min(mostMs, Math.max(leastMs, tookMs * share))
    }
    queue.draining = false
  }
  const insertTogether = async (table: string, taken: Waiting[]): Promise<void> => {
    try {
      await warehouse.insert(table, joinRowTexts(taken.map(({ text }) => text)))
      for (const { resolve } of taken) resolve()
    } catch (thrown) {
      for (const { reject } of taken) reject(thrown)
    }
  }
  return {
    ...warehouse,
    hurry() {
      isHurried = true
      for (const queue of queues.values()) queue.wake?.()
    },
    insert: (table, text) =>
      new Promise((resolve, reject) => {
        if (text.rows === 0) return resolve()
        const name = `${table} ${text.format} ${text.columns.join()}`
        const queue = queues.get(name) ?? {
          waiting: [],
          ...{ rows: 0, bytes: 0 },
          draining: false,
          nextAt: 0,
          hurriedAt: 0,
          wake: undefined,
        }
        queues.set(name, queue)
        queue.waiting.push({ text, resolve, reject })
        queue.rows += text.rows
        queue.bytes += bytesOf(text)
        if (isFull(queue)) queue.wake?.()
        if (!queue.draining) void drain(queue, table)
      }),
  }
}

const isFull = ({ rows, bytes }: Queue): boolean => rows >= mostRows || bytes >= mostBytes

/** Ends early when there are rows enough for a whole insert. */
const pauseOf = async (queue: Queue, ms: number): Promise<void> => {
  const early = new AbortController()
  queue.wake = () => early.abort()
  await sleep(ms, undefined, { signal: early.signal }).catch(() => undefined)
  queue.wake = undefined
}

/** Takes what waits off the front, up to about the most rows of one insert. */
const takeRows = (queue: Queue): Waiting[] => {
  let rows = 0
  let taken = 0
  while (taken < queue.waiting.length && (taken === 0 || rows + queue.waiting[taken]!.text.rows <= mostRows)) {
    rows += queue.waiting[taken]!.text.rows
    taken++
  }
  const first = queue.waiting.splice(0, taken)
  queue.rows -= rows
  for (const { text } of first) queue.bytes -= bytesOf(text)
  return first
}
