import type { Role, Turn } from '../../core/conversation/model.ts'
import type { SourceConfig } from '../config.ts'
import { type BadRow, badRow, isBadRow, kindOf } from './bad-row.ts'
import { calledTools, contentText, thinking } from './content-text.ts'
import { isRow, pathValue, type Row } from './row-value.ts'

/** How a source's columns are named; all optional. */
export type Columns = Partial<NonNullable<SourceConfig['columns']>>

/** The turns of a row, and whatever else its messages had, one object per message of the list. */
export interface RowTurns {
  turns: Turn[]
  messageKeys: Row[]
}

/** Role names of common datasets besides our own four; they count only for sources that have `columns`. */
const commonRoles = new Map<string, Role>([
  ['human', 'user'],
  ['gpt', 'assistant'],
  ['function_call', 'assistant'],
  ['observation', 'tool'],
  ['function', 'tool'],
  ['developer', 'system'],
])
const ownRoles = new Map<string, Role>([
  ['system', 'system'],
  ['user', 'user'],
  ['assistant', 'assistant'],
  ['tool', 'tool'],
])

/** Where a row's list of messages is; undefined for rows that are one question and one answer. */
export const listPath = ({ messages, user, assistant }: Columns): string | undefined =>
  messages ?? (user || assistant ? undefined : 'messages')

/** The conversation in a row, in the order: system column, list of messages, question column, answer column. */
export const rowTurns = (row: Row, columns: Columns): RowTurns | BadRow => {
  const name = listPath(columns)
  const listed = name === undefined ? { turns: [], messageKeys: [] } : listTurns(row, name, columns)
  if (isBadRow(listed)) return listed
  const around = [systemTurns, questionTurns, answerTurns].map((part) => part(row, columns))
  const bad = around.find(isBadRow)
  if (bad) return bad
  const [system = [], question = [], answer = []] = around as Turn[][]
  return { turns: [...system, ...listed.turns, ...question, ...answer], messageKeys: listed.messageKeys }
}

const listTurns = (row: Row, name: string, columns: Columns): RowTurns | BadRow => {
  const messages = pathValue(row, name)
  if (messages === undefined) return missing(row, name)
  if (messages === null) return badRow('null_messages', `${name} is null`)
  if (!Array.isArray(messages)) return badRow('wrong_type', `${name} is ${kindOf(messages)}, not a list`)
  // Some sources hold a list of turns, each a list of messages: nothing of it may be lost.
  const flat = messages.every(Array.isArray) ? messages.flat(1) : messages
  const result: RowTurns = { turns: [], messageKeys: [] }
  const { role: roleKey = 'role', content: contentKey = 'content' } = columns
  for (const [i, message] of flat.entries()) {
    const turn = messageTurn(message, `message ${i}`, columns)
    if (isBadRow(turn)) return turn
    result.turns.push(turn)
    const others = Object.entries(message as Row).filter(([key]) => key !== roleKey && key !== contentKey)
    result.messageKeys.push(Object.fromEntries(others))
  }
  return result
}

const messageTurn = (message: unknown, where: string, columns: Columns): Turn | BadRow => {
  if (!isRow(message)) return badRow('wrong_type', `${where} is ${kindOf(message)}, not an object`)
  const { role: roleKey = 'role', content: contentKey = 'content' } = columns
  const name = pathValue(message, roleKey)
  if (typeof name !== 'string') return badRow('wrong_type', `${roleKey} of ${where} is ${kindOf(name)}, not a text`)
  const role = roleOf(name, columns)
  if (!role) {
    const shown = JSON.stringify(name.slice(0, 40))
    return badRow('unknown_role', `${where} has the role ${shown}; name it under columns.roles`)
  }
  const calls = calledTools(message)
  const written = pathValue(message, contentKey)
  // A message that only calls has no content.
  const content = contentText(calls !== '' ? (written ?? '') : written, `${contentKey} of ${where}`)
  if (isBadRow(content)) return content
  return { role, content: [content, calls].filter((text) => text !== '').join('\n') }
}

const roleOf = (name: string, columns: Columns): Role | undefined => {
  if (columns.roles && Object.hasOwn(columns.roles, name)) return columns.roles[name]
  return ownRoles.get(name) ?? (Object.keys(columns).length > 0 ? commonRoles.get(name) : undefined)
}

const systemTurns = (row: Row, { system: name }: Columns): Turn[] | BadRow => {
  const content = optionalText(row, name)
  if (isBadRow(content)) return content
  return content === '' ? [] : [{ role: 'system', content }]
}

const questionTurns = (row: Row, { user: name, context: contextName }: Columns): Turn[] | BadRow => {
  if (!name) return []
  const question = requiredText(row, name)
  if (isBadRow(question)) return question
  const context = optionalText(row, contextName)
  if (isBadRow(context)) return context
  return [{ role: 'user', content: context === '' ? question : `${question}\n\n${context}` }]
}

/** The text of a column; empty when there is none. */
const optionalText = (row: Row, name: string | undefined): string | BadRow => {
  const content = (name && pathValue(row, name)) ?? ''
  return typeof content === 'string' ? content : badRow('wrong_type', `${name} is ${kindOf(content)}, not a text`)
}

const answerTurns = (row: Row, columns: Columns): Turn[] | BadRow => {
  const { assistant: name, think } = columns
  if (!name) return []
  const answer = pathValue(row, name)
  const turn = isRow(answer) ? messageTurn(answer, name, columns) : answerText(row, name)
  if (isBadRow(turn) || !think) return isBadRow(turn) ? turn : [turn]
  const reasoning = pathValue(row, think) === null ? '' : requiredText(row, think)
  if (isBadRow(reasoning)) return reasoning
  return [{ ...turn, content: reasoning === '' ? turn.content : `${thinking(reasoning)}${turn.content}` }]
}

const answerText = (row: Row, name: string): Turn | BadRow => {
  const content = requiredText(row, name)
  return isBadRow(content) ? content : { role: 'assistant', content }
}

const requiredText = (row: Row, name: string): string | BadRow => {
  const value = pathValue(row, name)
  if (value === undefined) return missing(row, name)
  if (value === null) return badRow('null_messages', `${name} is null`)
  return typeof value === 'string' ? value : badRow('wrong_type', `${name} is ${kindOf(value)}, not a text`)
}

const missing = (row: Row, name: string): BadRow =>
  badRow(
    'missing_messages',
    `the row has no ${name}; it has ${Object.keys(row).slice(0, 12).join(', ') || 'no columns'}`,
  )
