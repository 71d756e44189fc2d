import { formatRows } from '../../services/land/format-rows.ts'
import { readStatement } from '../../services/land/read-statement.ts'
import type { Io } from '../io.ts'
import type { Workspace } from '../workspace.ts'

/** `kalam sql`: a query's rows, as a table, JSON lines or CSV. KalamError usage for whatever is not one query. */
export const sql = async (
  { warehouse }: Workspace,
  query: string,
  format: 'table' | 'json' | 'csv',
  io: Io,
): Promise<number> => {
  const statement = readStatement(query)
  const rows = await warehouse.query(statement)
  // Without rows their names are asked for, so that a CSV file has its head.
  const names =
    rows.length === 0 && format === 'csv' && /^[\s(]*(?:SELECT|WITH)\b/i.test(statement)
      ? (await warehouse.query<{ name: string }>(`DESCRIBE (${statement})`)).map(({ name }) => name)
      : Object.keys(rows[0] ?? {})
  io.out(formatRows(rows, format, names))
  return 0
}
