import { setTimeout as sleep } from 'node:timers/promises'
import type { Warehouse } from './warehouse.ts'

const mostRows = 50_000

interface Waiting {
  rows: Record<string, unknown>[]
  resolve(): void
  reject(thrown: unknown): void
}

/**
 * The same warehouse, which begins inserts into one table and line at least so many milliseconds apart and writes what
 * came in between as one: a slow trickle from many partitions would make more parts than ClickHouse can merge. An insert
 * still resolves when its rows are written. The first one does not wait.
 */
export const pacedInserts = (warehouse: Warehouse, apartMs: number): Warehouse => {
  const queues = new Map<string, { waiting: Waiting[]; draining: boolean; nextAt: number }>()

  const drain = async (key: string, table: string): Promise<void> => {
    const queue = queues.get(key)!
    queue.draining = true
    while (queue.waiting.length > 0) {
      const waitMs = queue.nextAt - performance.now()
      if (waitMs > 0) await sleep(waitMs)
      queue.nextAt = performance.now() + apartMs
      await insertTogether(table, takeRows(queue.waiting))
    }
    queue.draining = false
  }
  const insertTogether = async (table: string, taken: Waiting[]): Promise<void> => {
    try {
      await warehouse.insert(
        table,
        taken.flatMap(({ rows }) => rows),
      )
      for (const { resolve } of taken) resolve()
    } catch (thrown) {
      for (const { reject } of taken) reject(thrown)
    }
  }
  return {
    ...warehouse,
    insert: (table, rows) =>
      new Promise((resolve, reject) => {
        if (rows.length === 0) return resolve()
        const key = `${table}\0${rows[0]!.line ?? ''}\0${rows[0]!.generation ?? ''}`
        const queue = queues.get(key) ?? { waiting: [], draining: false, nextAt: 0 }
        queues.set(key, queue)
        queue.waiting.push({ rows, resolve, reject })
        if (!queue.draining) void drain(key, table)
      }),
  }
}

/** Takes what waits off the front, up to about the most rows of one insert. */
const takeRows = (waiting: Waiting[]): Waiting[] => {
  let rows = 0
  let taken = 0
  while (taken < waiting.length && (taken === 0 || rows + waiting[taken]!.rows.length <= mostRows)) {
    rows += waiting[taken]!.rows.length
    taken++
  }
  return waiting.splice(0, taken)
}
