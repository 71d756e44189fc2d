import { formatRows } from '../../services/land/format-rows.ts'
import { readStatement } from '../../services/land/read-statement.ts'
import type { Io } from '../io.ts'
import type { Workspace } from '../workspace.ts'

/**
 * `kalam sql`: a query's rows, as a table, JSON lines or CSV, with its columns in their order. KalamError usage for whatever
 * is not one query.
 */
export const sql = async (
  { warehouse }: Workspace,
  query: string,
  format: 'table' | 'json' | 'csv',
  io: Io,
): Promise<number> => {
  io.out(formatRows(await warehouse.queryTable(readStatement(query)), format))
  return 0
}
