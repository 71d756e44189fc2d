import { setTimeout as sleep } from 'node:timers/promises'
import { KalamError } from '../../dataflow/error.ts'
import type { Placed } from '../../dataflow/place.ts'
import type { RecordName, Records } from '../../schemas/records.ts'
import { landRows, type Origin, type TableRow } from './land-rows.ts'
import { bytesOf, joinRowTexts, type RowText, valuesText } from './row-text.ts'
import { tables as allTables, placeColumns, traceColumns } from './tables.ts'
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
  sizeOf: (rows: LandedRows): number => rows.reduce((sum, [, text]) => sum + bytesOf(text), 0),
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
  const tables = new Map<string, Values[]>()
  for (const record of records) {
    for (const row of landRows(name, record, origin)) {
      const rows = tables.get(row.table)
      if (!rows) tables.set(row.table, [rowValues(row)])
      else if (!joinLists(rows[rows.length - 1]!, row)) rows.push(rowValues(row))
    }
  }
  return [...tables].map(([table, rows]) => [table, valuesText(rows, layouts.get(table)!.columns)])
}

/** A row as it is sent: its values in the order of its table's columns. */
type Values = unknown[]

/** The columns of a table, the same for every batch so that batches can be sent together; `own` are those between place and offset. */
interface Layout {
  columns: string[]
  own: string[]
  /** Of the own columns that are lists, what stands for nothing there: a list takes no null. */
  nothing: unknown[] | null
}

/** What stands for nothing in a column of a type. */
const nothingOf = (type: string): unknown => (type.startsWith('Map') ? {} : type.includes('String') ? '' : 0)

const layouts = new Map(
  allTables.map(({ name, columns, lists }): [string, Layout] => {
    const own = columns.slice(placeColumns.length, columns.length - traceColumns.length)
    return [
      name,
      {
        columns: columns.map(([column]) => column),
        own: own.map(([column]) => column),
        nothing: lists ? own.map(([, type]) => nothingOf(type)) : null,
      },
    ]
  }),
)

/** The values of a row in the order of its table's columns; columns that are lists begin with its own value. */
export const rowValues = ({ table, base, row }: TableRow): Values => {
  const { own, nothing } = layouts.get(table)!
  const values: Values = [base.line, base.generation, base.source, base.split, base.row]
  for (let n = 0; n < own.length; n++) {
    const value = row[own[n]!]
    values.push(nothing === null ? value : [value ?? nothing[n]])
  }
  values.push(base.partition, base.offset)
  return values
}

/** Where these columns stand among placeColumns. */
const [sourceAt, splitAt, rowAt] = [2, 3, 4]

/** Adds a row to the lists of the one before it, if it is of the same conversation: of the same record, or of one behind it. */
const joinLists = (last: Values, { table, base, row }: TableRow): boolean => {
  const { own, nothing } = layouts.get(table)!
  if (nothing === null || base.offset < Number(last[last.length - 1])) return false
  if (last[rowAt] !== base.row || last[splitAt] !== base.split || last[sourceAt] !== base.source) return false
  for (let n = 0; n < own.length; n++) {
    ;(last[placeColumns.length + n] as unknown[]).push(row[own[n]!] ?? nothing[n])
  }
  last[last.length - 1] = base.offset
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
