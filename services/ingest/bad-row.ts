/** Why a row is no conversation; stable codes, because they become labels of dead letters. */
export type RowProblem =
  | 'missing_messages'
  | 'null_messages'
  | 'empty_conversation'
  | 'unknown_role'
  | 'wrong_type'
  | 'too_large'
  | 'too_deep'
  | 'invalid_id'

/** A row that is no conversation: a code, and the fact with its value. */
export interface BadRow {
  ok: false
  reason: RowProblem
  detail: string
}

/** Makes a bad row. */
export const badRow = (reason: RowProblem, detail: string): BadRow => ({ ok: false, reason, detail })

/** Whether a step of the mapping failed. */
export const isBadRow = (value: unknown): value is BadRow =>
  typeof value === 'object' && value !== null && 'ok' in value && value.ok === false

/** What a JSON value is, in words for a detail. */
export const kindOf = (value: unknown): string => {
  if (value === null) return 'null'
  if (value === undefined) return 'missing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'string') return 'a text'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
