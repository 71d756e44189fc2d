import type { Turn } from '../../core/conversation/model.ts'
import type { Codec } from '../../dataflow/codec.ts'
import type { OutputRecord } from '../../dataflow/log.ts'
import type { Message } from '../../schemas/records.ts'

/** A conversation as a row gave it. */
export interface ParsedConversation {
  turns: Turn[]
  chatTemplateKwargs: string | null
  columns: Record<string, string>
}

/** The message records of one conversation, next to each other in one partition. */
export const conversationRecords = (row: {
  codec: Codec
  topic: string
  partition: number
  timestamp: number
  id: string
  source: string
  split: string
  row: string
  file: string
  line: number
  conversation: ParsedConversation
}): OutputRecord[] =>
  row.conversation.turns.map(({ role, content }, index, turns) => {
    const first = index === 0
    const body: Message = {
      role,
      content,
      source: row.source,
      split: row.split,
      row: row.row,
      file: first ? row.file : '',
      line: first ? row.line : 0,
      chat_template_kwargs: first ? row.conversation.chatTemplateKwargs : null,
      columns: first ? row.conversation.columns : {},
    }
    const headers = { index: String(index), count: String(turns.length) }
    const { topic, partition, timestamp } = row
    return { topic, partition, key: row.id, value: row.codec.encode('Message', body), headers, timestamp, body }
  })
