import type { SourceConfig } from '../config.ts'
import { type BadRow, badRow, isBadRow, kindOf } from './bad-row.ts'
import type { ParsedConversation } from './conversation-records.ts'
import { splitName } from './file-names.ts'
import { type Columns, listPath, rowTurns } from './row-turns.ts'
import { isDeeperThan, isRow, pathValue, type Row, withoutPaths } from './row-value.ts'

/** A conversation as it comes in, or why it cannot. */
export type RowResult = ({ ok: true; rowId?: string } & ParsedConversation) | BadRow

const idForm = /^[A-Za-z0-9._-]{1,200}$/
const deepest = 500
/** The first message's record carries all columns, and a record may have 4 × the bytes of a conversation. */
const allBytesFactor = 3

/**
 * Maps a source row to a conversation: the smoltalk2 shape, or what `columns` says. Columns that are no part of the
 * conversation are kept as JSON text. Texts are made well-formed; a row that needed it says so in its column `_repaired`. Further keys of messages are kept in the column `_message_keys`.
 */
export const rowToConversation = (
  value: unknown,
  source: SourceConfig,
  limits: { conversationBytes: number },
): RowResult => {
  if (!isRow(value)) return badRow('wrong_type', `the row is ${kindOf(value)}, not an object`)
  if (isDeeperThan(value, deepest)) return badRow('too_deep', `the row is nested more than ${deepest} levels deep`)
  const columns: Columns = source.columns ?? {}
  const found = rowTurns(value, columns)
  if (isBadRow(found)) return found
  if (found.turns.length === 0) return badRow('empty_conversation', 'the conversation has no messages')
  const id = columns.id ? rowId(pathValue(value, columns.id), columns.id) : undefined
  if (isBadRow(id)) return id
  const conversation: ParsedConversation = {
    turns: found.turns.map(({ role, content }) => ({ role, content: content.toWellFormed() })),
    chatTemplateKwargs: templateKwargs(value, columns),
    columns: otherColumns(value, columns),
  }
  if (found.turns.some(({ content }) => !content.isWellFormed())) conversation.columns._repaired = 'true'
  if (found.messageKeys.some((keys) => Object.keys(keys).length > 0)) {
    conversation.columns._message_keys = JSON.stringify(found.messageKeys)
  }
  return (
    tooLarge(conversation, limits.conversationBytes) ?? {
      ok: true,
      ...conversation,
      ...(id !== undefined && { rowId: id }),
    }
  )
}

/** The split that a row names in its column `split`, in the letters that splits may have. */
export const ownSplit = (row: unknown): string | undefined =>
  isRow(row) && typeof row.split === 'string' && row.split !== '' ? splitName(row.split) : undefined

const tooLarge = ({ turns, chatTemplateKwargs, columns }: ParsedConversation, most: number): BadRow | undefined => {
  const bytes = turns.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0)
  if (bytes > most) {
    const detail = `the conversation has ${bytes} bytes, at most ${most} are taken (limits.conversation_bytes)`
    return badRow('too_large', detail)
  }
  const rest = [chatTemplateKwargs ?? '', ...Object.entries(columns).flat()]
  const all = rest.reduce((sum, text) => sum + Buffer.byteLength(text), bytes)
  if (all <= most * allBytesFactor) return undefined
  return badRow(
    'too_large',
    `the row with its other columns has ${all} bytes, at most ${most * allBytesFactor} are taken`,
  )
}

/** JSON text in the source's own order of keys; tools of a column become xml_tools. Null when there is nothing. */
const templateKwargs = (row: Row, columns: Columns): string | null => {
  const kwargs = row.chat_template_kwargs ?? null
  const tools = columns.tools ? pathValue(row, columns.tools) : undefined
  if (tools === undefined || tools === null || tools === '') return kwargs === null ? null : JSON.stringify(kwargs)
  const texts = (Array.isArray(tools) ? tools : [tools]).map((tool) =>
    typeof tool === 'string' ? tool : JSON.stringify(tool),
  )
  return JSON.stringify({ ...(isRow(kwargs) ? kwargs : {}), xml_tools: texts })
}

const otherColumns = (row: Row, columns: Columns): Record<string, string> => {
  const { user, context, assistant, think, system, tools } = columns
  const answer =
    assistant !== undefined && isRow(pathValue(row, assistant))
      ? [columns.role ?? 'role', columns.content ?? 'content'].map((key) => `${assistant}.${key}`)
      : [assistant]
  const used = ['chat_template_kwargs', listPath(columns), user, context, ...answer, think, system, tools]
  const rest = withoutPaths(
    row,
    used.filter((path) => path !== undefined),
  )
  return Object.fromEntries(
    Object.entries(rest).map(([name, value]) => [name.toWellFormed(), JSON.stringify(value) ?? 'null']),
  )
}

/** The id that a row has in a column, or why that is none. */
export const rowId = (value: unknown, name: string): string | BadRow => {
  if (typeof value === 'number' && !Number.isSafeInteger(value))
    return badRow('invalid_id', `${name} ${value} is no whole number below 2^53; write it as a text`)
  const id = typeof value === 'number' ? String(value) : value
  if (typeof id !== 'string' || id === '')
    return badRow('invalid_id', `${name} is ${id === '' ? 'empty' : kindOf(value)}, not an id`)
  if (idForm.test(id)) return id
  const shown = JSON.stringify(id.slice(0, 60))
  return badRow('invalid_id', `${name} ${shown} is not 1 to 200 letters, digits, dots, _ and -`)
}
