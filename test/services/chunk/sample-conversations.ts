import { readdirSync, readFileSync } from 'node:fs'
import type { Turn } from '../../../core/conversation/model.ts'
import type { Placed } from '../../../dataflow/place.ts'
import type { Message } from '../../../schemas/records.ts'
import { sourceSchema } from '../../../services/config.ts'
import { rowToConversation } from '../../../services/ingest/row-to-conversation.ts'

/** A conversation as the chunk stage gets it. */
export interface SampleConversation {
  file: string
  id: string
  messages: Placed<Message>[]
}

const data = new URL('../../data/', import.meta.url)
const shareGpt = { messages: 'conversations', role: 'from', content: 'value' }

/** How the rows of test/data/raw map to conversations; the files of test/data/chat have the smoltalk2 shape. */
const rawColumns: Record<string, Record<string, unknown> | undefined> = {
  'bfcl_rows.jsonl': { messages: 'question.0' },
  'dpo_rows.jsonl': { ...shareGpt, assistant: 'chosen' },
  'fetaqa_rows.jsonl': { user: 'question', assistant: 'answer' },
  'glaive_rows.jsonl': { ...shareGpt, tools: 'tools' },
  'mtbench_questions.jsonl': { user: 'turns.0' },
  'reason_tool_use_rows.jsonl': undefined,
  's1k_rows.jsonl': { user: 'question', assistant: 'gemini_attempt', think: 'gemini_thinking_trajectory' },
  'skyt1_math500_rows.jsonl': { user: 'question', assistant: 'code.0' },
}

/** Every conversation of test/data/chat, in the order of files and rows. */
export const chatConversations = (): SampleConversation[] =>
  readdirSync(new URL('chat/', data))
    .sort()
    .flatMap((file) => conversationsOf(`chat/${file}`, undefined))

/** Every row of test/data/raw that is JSON, as the conversation that it maps to. */
export const rawConversations = (): SampleConversation[] =>
  Object.entries(rawColumns).flatMap(([file, columns]) => conversationsOf(`raw/${file}`, columns))

const conversationsOf = (path: string, columns: Record<string, unknown> | undefined): SampleConversation[] => {
  const source = sourceSchema.parse({ name: 'sample', path, ...(columns && { columns }) })
  const file = path.replace(/^.*\/|\.jsonl$/g, '')
  const lines = readFileSync(new URL(path, data), 'utf8').split('\n')
  return lines.flatMap((line, row) => {
    if (line === '') return []
    const result = rowToConversation(JSON.parse(line), source, { conversationBytes: 4 * 2 ** 20 })
    if (!result.ok) throw new Error(`${path}:${row + 1}: ${result.detail}`)
    const id = `sample/${file}/${row}`
    return [{ file, id, messages: messagesOf(id, result.turns, result.chatTemplateKwargs) }]
  })
}

/** The message records of a conversation. */
export const messagesOf = (id: string, turns: readonly Turn[], kwargs: string | null = null): Placed<Message>[] =>
  turns.map(({ role, content }, index) => ({
    ...{ id, index, count: turns.length, ordinal: 0, offset: index, timestamp: 0, bytes: content.length },
    body: {
      ...{ role, content, source: 'sample', split: 'sample', row: '0', file: '', line: 0, columns: {} },
      chat_template_kwargs: index === 0 ? kwargs : null,
    },
  }))
