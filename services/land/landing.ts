import { setTimeout as sleep } from 'node:timers/promises'
import { KalamError } from '../../dataflow/error.ts'
import type { Placed } from '../../dataflow/place.ts'
import type { RecordName, Records } from '../../schemas/records.ts'
import { landRows } from './land-rows.ts'
import type { Warehouse } from './warehouse.ts'

const firstWaitMs = 200
const longestWaitMs = 30_000

/**
 * Writes batches of a topic's records to their tables. While the warehouse is away it waits and tries again, until the
 * signal is aborted: then it returns with the batch perhaps half written, and the caller must not commit.
 */
export const landing =
  <Name extends RecordName>(warehouse: Warehouse, name: Name, line: string, partition: number, signal: AbortSignal) =>
  async (records: Placed<Records[Name]>[]): Promise<void> => {
    const tables = new Map<string, Record<string, unknown>[]>()
    for (const record of records) {
      for (const { table, row } of landRows(name, record, { line, generation: 1, partition })) {
        const rows = tables.get(table)
        if (rows) rows.push(row)
        else tables.set(table, [row])
      }
    }
    await Promise.all([...tables].map(([table, rows]) => insertUntilThere(warehouse, table, rows, signal)))
  }

const insertUntilThere = async (
  warehouse: Warehouse,
  table: string,
  rows: Record<string, unknown>[],
  signal: AbortSignal,
): Promise<void> => {
  for (let waitMs = firstWaitMs; !signal.aborted; waitMs = Math.min(waitMs * 2, longestWaitMs)) {
    try {
      await warehouse.insert(table, rows)
      return
    } catch (thrown) {
      if (!(thrown instanceof KalamError) || !thrown.retryable) throw thrown
      // An abort ends the wait early; the loop sees it.
      await sleep(waitMs, undefined, { signal }).catch(() => undefined)
    }
  }
}
