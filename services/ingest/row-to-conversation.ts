import type { Role, Turn } from '../../core/conversation/model.ts'
import type { SourceConfig } from '../config.ts'
import { contentText } from './content-text.ts'
import type { ParsedConversation } from './conversation-records.ts'
import { splitName } from './files-source.ts'

type Columns = NonNullable<SourceConfig['columns']>
type Row = Record<string, unknown>

/** A conversation as it comes in, or why it cannot. */
export type RowResult =
  | ({ ok: true; split?: string; rowId?: string } & ParsedConversation)
  | { ok: false; reason: string; detail: string }

/** Roles of common datasets besides our own four. */
const commonRoles: Record<string, Role> = {
  human: 'user',
  gpt: 'assistant',
  function_call: 'assistant',
  observation: 'tool',
  function: 'tool',
  developer: 'system',
}
const ownRoles = new Set(['system', 'user', 'assistant', 'tool'])
const rowName = /^[A-Za-z0-9._-]+$/

class BadRow extends Error {
  readonly reason: string
  constructor(reason: string, detail: string) {
    super(detail)
    this.reason = reason
  }
}

/**
 * Maps a source row to a conversation: the smoltalk2 shape, or what `columns` says. Texts are made well-formed; a row that
 * needed it says so in its column `_repaired`. Reasons: missing_messages, null_messages, empty_conversation, unknown_role,
 * wrong_type, too_large, invalid_id.
 */
export const rowToConversation = (
  value: unknown,
  source: SourceConfig,
  limits: { conversationBytes: number },
): RowResult => {
  try {
    return mapRow(value, source, limits)
  } catch (thrown) {
    if (!(thrown instanceof BadRow)) throw thrown
    return { ok: false, reason: thrown.reason, detail: thrown.message }
  }
}

const mapRow = (value: unknown, source: SourceConfig, limits: { conversationBytes: number }): RowResult => {
  if (!isRow(value)) throw new BadRow('wrong_type', `the row is ${kindOf(value)}, not an object`)
  const columns: Partial<Columns> = source.columns ?? {}
  let repaired = false
  const wellFormed = (text: string): string => {
    if (text.isWellFormed()) return text
    repaired = true
    return text.toWellFormed()
  }
  const turns = rowTurns(value, columns).map(({ role, content }) => ({ role, content: wellFormed(content) }))
  if (turns.length === 0) throw new BadRow('empty_conversation', 'the conversation has no messages')
  const bytes = turns.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0)
  if (bytes > limits.conversationBytes) {
    throw new BadRow(
      'too_large',
      `the conversation has ${bytes} bytes, at most ${limits.conversationBytes} are taken (limits.conversation_bytes)`,
    )
  }
  const kwargs = templateKwargs(value, columns)
  const result: RowResult & { ok: true } = {
    ok: true,
    turns,
    chatTemplateKwargs: kwargs === undefined ? null : wellFormed(JSON.stringify(kwargs)),
    columns: otherColumns(value, columns),
  }
  if (repaired) result.columns._repaired = 'true'
  if (typeof value.split === 'string' && value.split !== '') result.split = splitName(value.split)
  if (columns.id) result.rowId = rowId(pathValue(value, columns.id), columns.id)
  return result
}

const rowTurns = (row: Row, columns: Partial<Columns>): Turn[] => {
  if (columns.user || columns.assistant) return questionAndAnswer(row, columns)
  const name = columns.messages ?? 'messages'
  const messages = pathValue(row, name)
  if (messages === undefined)
    throw new BadRow('missing_messages', `the row has no ${name}; it has ${Object.keys(row).slice(0, 12).join(', ')}`)
  if (messages === null) throw new BadRow('null_messages', `${name} is null`)
  if (!Array.isArray(messages)) throw new BadRow('wrong_type', `${name} is ${kindOf(messages)}, not a list`)
  const turns = messages.map((message, i) => messageTurn(message, i, columns))
  const system = columns.system ? pathValue(row, columns.system) : undefined
  return typeof system === 'string' && system !== '' ? [{ role: 'system', content: system }, ...turns] : turns
}

const messageTurn = (message: unknown, index: number, columns: Partial<Columns>): Turn => {
  if (!isRow(message)) throw new BadRow('wrong_type', `message ${index} is ${kindOf(message)}, not an object`)
  const role = message[columns.role ?? 'role']
  if (typeof role !== 'string')
    throw new BadRow('wrong_type', `the ${columns.role ?? 'role'} of message ${index} is ${kindOf(role)}, not a text`)
  const mapped = columns.roles?.[role] ?? (ownRoles.has(role) ? (role as Role) : source(role, columns))
  if (!mapped)
    throw new BadRow(
      'unknown_role',
      `message ${index} has the role ${JSON.stringify(role.slice(0, 40))}; name it under columns.roles`,
    )
  const content = contentText(message[columns.content ?? 'content'])
  if (content === undefined)
    throw new BadRow(
      'wrong_type',
      `the ${columns.content ?? 'content'} of message ${index} is ${kindOf(message[columns.content ?? 'content'])}, not a text`,
    )
  return { role: mapped, content }
}

/** Common role names count only where the user said that the rows have another shape. */
const source = (role: string, columns: Partial<Columns>): Role | undefined =>
  Object.keys(columns).length > 0 ? commonRoles[role] : undefined

const questionAndAnswer = (row: Row, columns: Partial<Columns>): Turn[] => {
  const text = (name: string | undefined): string | undefined => {
    if (!name) return undefined
    const value = pathValue(row, name)
    if (value === undefined) throw new BadRow('missing_messages', `the row has no ${name}`)
    if (typeof value !== 'string') throw new BadRow('wrong_type', `${name} is ${kindOf(value)}, not a text`)
    return value
  }
  const think = text(columns.think)
  const answer = text(columns.assistant)
  const turns: Turn[] = []
  const system = text(columns.system)
  if (system) turns.push({ role: 'system', content: system })
  const question = text(columns.user)
  if (question !== undefined) turns.push({ role: 'user', content: question })
  if (answer !== undefined)
    turns.push({ role: 'assistant', content: think === undefined ? answer : `<think>\n${think}\n</think>\n${answer}` })
  return turns
}

const templateKwargs = (row: Row, columns: Partial<Columns>): unknown => {
  const kwargs = row.chat_template_kwargs
  const tools = columns.tools ? pathValue(row, columns.tools) : undefined
  if (tools === undefined || tools === null) return kwargs ?? undefined
  const list = (Array.isArray(tools) ? tools : [tools]).map((tool) =>
    typeof tool === 'string' ? tool : JSON.stringify(tool),
  )
  return { ...(isRow(kwargs) ? kwargs : {}), xml_tools: list }
}

const otherColumns = (row: Row, columns: Partial<Columns>): Record<string, string> => {
  const used = new Set(
    [
      'chat_template_kwargs',
      columns.messages ?? 'messages',
      columns.user,
      columns.assistant,
      columns.think,
      columns.system,
      columns.tools,
    ].flatMap((name) => (name ? [name.split('.')[0]] : [])),
  )
  const others: Record<string, string> = {}
  for (const [name, value] of Object.entries(row))
    if (!used.has(name) && value !== undefined) others[name] = JSON.stringify(value).toWellFormed()
  return others
}

const rowId = (value: unknown, name: string): string => {
  const id = typeof value === 'number' ? String(value) : value
  if (typeof id !== 'string' || id === '') throw new BadRow('invalid_id', `${name} is ${kindOf(value)}, not an id`)
  if (!rowName.test(id))
    throw new BadRow(
      'invalid_id',
      `${name} ${JSON.stringify(id.slice(0, 60))} has other characters than letters, digits, dot, _ and -`,
    )
  return id
}

const pathValue = (row: Row, path: string): unknown => {
  let value: unknown = row
  for (const step of path.split('.')) value = isRow(value) || Array.isArray(value) ? (value as Row)[step] : undefined
  return value
}

const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null && !Array.isArray(value)

const kindOf = (value: unknown): string => {
  if (value === null) return 'null'
  if (value === undefined) return 'missing'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value === 'string' ? 'text' : typeof value}`
}
