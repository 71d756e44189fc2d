import { setTimeout as sleep } from 'node:timers/promises'
import { KalamError } from '../../dataflow/error.ts'
import type { Placed } from '../../dataflow/place.ts'
import type { RecordName, Records } from '../../schemas/records.ts'
import { landRows, type Origin } from './land-rows.ts'
import { type NativeRows, nativeRows } from './native-rows.ts'
import type { RowText } from './row-text.ts'
import type { Warehouse } from './warehouse.ts'

const firstWaitMs = 200
const longestWaitMs = 30_000

/** Rows of whole conversations that wait to be written, with those that were prepared before and after them. */
export interface LandedRows {
  bytes: number
}

/** Rows of one topic's records, gathered by table until they are taken. */
export const gatheredRows = <Name extends RecordName>(name: Name, origin: Origin) => {
  const tables = new Map<string, NativeRows>()
  return {
    add(record: Placed<Records[Name]>): void {
      for (const row of landRows(name, record, origin)) {
        let rows = tables.get(row.table)
        if (!rows) {
          rows = nativeRows(row.table)
          tables.set(row.table, rows)
        }
        rows.add(row)
      }
    },
    /** About how many bytes they are. */
    bytes: (): number => [...tables.values()].reduce((sum, rows) => sum + rows.bytes, 0),
    /** A block for every table that has rows. */
    take: (): [table: string, text: RowText][] =>
      [...tables].flatMap(([table, rows]) => (rows.rows > 0 ? [[table, rows.take()]] : [])),
  }
}

/**
 * What a landing task does with the records of whole conversations: `prepare` makes rows of them, `write` sends these to their tables,
 * all that were prepared since the last time as one block for each table. While the warehouse is away it tries again, until the signal
 * is aborted: then it returns with rows perhaps half written, and the caller must not commit.
 */
export const landing = <Name extends RecordName>(
  warehouse: Warehouse,
  name: Name,
  origin: Origin,
  signal: AbortSignal,
) => {
  const rows = gatheredRows(name, origin)
  /** Bytes of all that waits, when it was last counted. */
  let held = 0
  return {
    prepare(records: Placed<Records[Name]>[]): LandedRows {
      for (const record of records) rows.add(record)
      const before = held
      held = rows.bytes()
      return { bytes: held - before }
    },
    sizeOf: ({ bytes }: LandedRows): number => bytes,
    async write(): Promise<void> {
      held = 0
      await Promise.all(rows.take().map(([table, text]) => insertUntilThere(warehouse, table, text, signal)))
    },
  }
}

/** Inserts rows, again and again while the warehouse is away, until the signal is aborted; then perhaps not at all. */
export const insertUntilThere = async (
  warehouse: Warehouse,
  table: string,
  rows: RowText,
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
