import { KalamError } from '../../dataflow/error.ts'
import type { RowText } from './row-text.ts'

/** The answer to a query with its columns in their order; names may be equal, and may be numbers. */
export interface ResultTable {
  names: string[]
  /** A value for every column. */
  rows: unknown[][]
}

/** The warehouse port: SQL in, rows out, idempotent batch insert. ClickHouse over HTTP and chDB hold it alike. */
export interface Warehouse {
  /**
   * Rows of a query as objects by column name. It cannot change tables (ClickHouse's readonly = 2). 64-bit integers are
   * numbers, sums included; beyond 2^53 they are texts with all digits. NaN and infinities are null.
   * `{name:String}` in the query stands for a parameter: a text, number or boolean; `{lines:Array(String)}` for a list
   * of names without quotes and backslashes.
   */
  query<Row = Record<string, unknown>>(sql: string, parameters?: Record<string, unknown>): Promise<Row[]>
  /** The same with every column in its order, for queries that somebody else wrote. */
  queryTable(sql: string): Promise<ResultTable>
  /** A statement without result (DDL). */
  command(sql: string): Promise<void>
  /** Writes rows; the same ones again change nothing, as every table replaces by its key. */
  insert(table: string, rows: RowText): Promise<void>
  close(): Promise<void>
}

/** A warehouse with its tables. */
export interface OpenedWarehouse extends Warehouse {
  /** Made with the tables: other tables, or the same ones made anew, have another one, and are filled from the start. */
  readonly id: string
  /** Tells that nothing more is to come: what waits for company is written at once. */
  hurry(): void
}

/** Stands for the warehouse in a process that has no use for one; using it is an error. */
export const noWarehouse: OpenedWarehouse = {
  id: 'none',
  query: () => refuse(),
  queryTable: () => refuse(),
  command: () => refuse(),
  insert: () => refuse(),
  hurry: () => undefined,
  close: async () => undefined,
}

const refuse = async (): Promise<never> => {
  throw new KalamError('internal', 'using the warehouse: it was not opened')
}
