import type { Cutter } from '../../core/chunking/chunk.ts'
import type { Chunk } from '../../schemas/records.ts'
import { chunkConversation } from '../chunk/chunk-conversation.ts'
import type { SourceConfig } from '../config.ts'
import { rowToConversation } from '../ingest/row-to-conversation.ts'

/** The chunks that a row would become with each of some cutters; undefined for a row that would not come in. */
export const rowChunks = (
  value: unknown,
  source: SourceConfig,
  cutters: ReadonlyMap<string, Cutter>,
  limits: { conversationBytes: number },
): Map<string, Chunk[]> | undefined => {
  const parsed = rowToConversation(value, source, limits)
  if (!parsed.ok) return undefined
  const messages = parsed.turns.map(({ role, content }, index, { length: count }) => ({
    ...{ id: '', ordinal: 0, index, count, offset: 0, timestamp: 0, bytes: 0 },
    body: {
      role,
      content,
      source: source.name,
      split: '',
      row: '',
      file: '',
      line: 0,
      chat_template_kwargs: null,
      columns: {},
    },
  }))
  return new Map([...cutters].map(([chunking, cut]) => [chunking, chunkConversation(messages, cut)]))
}
