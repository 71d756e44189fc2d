import { formatRows } from '../../services/land/format-rows.ts'
import type { Io } from '../io.ts'
import type { Workspace } from '../workspace.ts'

/** `kalam sql`: a query's rows, as a table, JSON lines or CSV. */
export const sql = async (
  { warehouse }: Workspace,
  query: string,
  format: 'table' | 'json' | 'csv',
  io: Io,
): Promise<number> => {
  io.out(formatRows(await warehouse.query(query), format))
  return 0
}
