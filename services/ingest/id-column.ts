import { isBadRow } from './bad-row.ts'
import { rowId } from './row-to-conversation.ts'
import { isRow } from './row-value.ts'

/** What columns of rows' own ids are called. */
const names = /^(?:id|uid|uuid|key|.+[_-](?:id|uid|uuid)|.+Id)$/

/** The column that seems to hold the rows' own ids: it is called so, and each row has another one in it. `id` before others. */
export const idColumnOf = (rows: readonly unknown[]): string | undefined => {
  const known = rows.filter(isRow)
  if (known.length < 2) return undefined
  const isUnique = (name: string): boolean => {
    const ids = known.map((row) => rowId(row[name], name))
    return !ids.some(isBadRow) && new Set(ids).size === ids.length
  }
  const called = Object.keys(known[0]!).filter((name) => names.test(name))
  return called.sort((a, b) => Number(b === 'id') - Number(a === 'id')).find(isUnique)
}
