/** The warehouse port: SQL in, rows out, idempotent batch insert. ClickHouse over HTTP and chDB hold it alike. */
export interface Warehouse {
  /** Rows of a query as objects by column name; 64-bit integers as numbers, sums included. */
  query<Row = Record<string, unknown>>(sql: string, parameters?: Record<string, unknown>): Promise<Row[]>
  /** A statement without result (DDL). */
  command(sql: string): Promise<void>
  /** Rows by column name; the same rows again change nothing, as every table replaces by its key. */
  insert(table: string, rows: Record<string, unknown>[]): Promise<void>
  close(): Promise<void>
}
