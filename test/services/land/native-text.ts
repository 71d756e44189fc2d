import type { RowBase } from '../../../services/land/land-rows.ts'
import { nativeRows } from '../../../services/land/native-rows.ts'
import type { RowText } from '../../../services/land/row-text.ts'

const noPlace: RowBase = { line: '', generation: 0, source: '', split: '', row: '', partition: 0, offset: 0 }

/** Rows by column name as a block of the Native format; of a table with lists, entries of them. */
export const nativeText = (table: string, given: readonly Record<string, unknown>[]): RowText => {
  const rows = nativeRows(table)
  for (const row of given) {
    const base = Object.fromEntries(Object.entries(noPlace).map(([name, value]) => [name, row[name] ?? value]))
    rows.add({ table, base: base as unknown as RowBase, row })
  }
  return rows.take()
}
