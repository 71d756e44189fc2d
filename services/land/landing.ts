import { setTimeout as sleep } from 'node:timers/promises'
import { KalamError } from '../../dataflow/error.ts'
import type { Placed } from '../../dataflow/place.ts'
import type { RecordName, Records } from '../../schemas/records.ts'
import { landRows, type Origin } from './land-rows.ts'
import { joinRowTexts, type RowText, rowText } from './row-text.ts'
import { tables as allTables } from './tables.ts'
import type { Warehouse } from './warehouse.ts'

const firstWaitMs = 200
const longestWaitMs = 30_000

/** Rows of whole conversations by table, as they are sent. */
export type LandedRows = [table: string, text: RowText][]

/**
 * What a landing task does with the records of whole conversations: `prepare` makes rows of them, `write` sends these to their tables.
 * While the warehouse is away it tries again, until the signal is aborted: then it returns with rows perhaps half written, and the caller
 * must not commit.
 */
export const landing = <Name extends RecordName>(
  warehouse: Warehouse,
  name: Name,
  origin: Origin,
  signal: AbortSignal,
) => ({
  prepare: (records: Placed<Records[Name]>[]): LandedRows => rowTexts(name, records, origin),
  async write(prepared: LandedRows[]): Promise<void> {
    const tables = new Map<string, RowText[]>()
    for (const [table, text] of prepared.flat()) {
      const texts = tables.get(table)
      if (texts) texts.push(text)
      else tables.set(table, [text])
    }
    await Promise.all(
      [...tables].map(([table, texts]) => insertUntilThere(warehouse, table, joinRowTexts(texts), signal)),
    )
  },
})

/** The rows of some records, by table. */
const rowTexts = <Name extends RecordName>(
  name: Name,
  records: Placed<Records[Name]>[],
  origin: Origin,
): LandedRows => {
  const tables = new Map<string, Record<string, unknown>[]>()
  for (const record of records) {
    for (const { table, row } of landRows(name, record, origin)) {
      const rows = tables.get(table)
      if (!rows) tables.set(table, [withLists(table, row)])
      else if (!addToLists(table, rows.at(-1)!, row)) rows.push(withLists(table, row))
    }
  }
  return [...tables].map(([table, rows]) => [table, rowText(rows, columnsOf.get(table))])
}

/** The same columns for every batch, so that batches can be sent together. */
const columnsOf = new Map(allTables.map(({ name, columns }) => [name, columns.map(([column]) => column)]))

/** What stands for nothing in a column of a type. */
const nothingOf = (type: string): unknown => (type.startsWith('Map') ? {} : type.includes('String') ? '' : 0)

/** Columns that are lists, by table, each with what stands for nothing there: a list takes no null. */
const listsOf = new Map(
  allTables.map(({ name, columns, lists = [] }) => [
    name,
    columns.flatMap(([column, type]) => (lists.includes(column) ? [{ column, nothing: nothingOf(type) }] : [])),
  ]),
)

/** The row as its table has it: columns that are lists begin with its own value. */
const withLists = (table: string, row: Record<string, unknown>): Record<string, unknown> => {
  const lists = listsOf.get(table)
  if (!lists || lists.length === 0) return row
  const first: Record<string, unknown> = { ...row }
  for (const { column, nothing } of lists) first[column] = [row[column] ?? nothing]
  return first
}

/** Adds a row to the lists of the one before it, if it is of the same conversation: of the same record, or of one behind it. */
const addToLists = (table: string, last: Record<string, unknown>, row: Record<string, unknown>): boolean => {
  const lists = listsOf.get(table)
  if (!lists || lists.length === 0 || Number(row.offset) < Number(last.offset)) return false
  if (last.row !== row.row || last.split !== row.split || last.source !== row.source) return false
  for (const { column, nothing } of lists) (last[column] as unknown[]).push(row[column] ?? nothing)
  last.offset = row.offset
  return true
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
