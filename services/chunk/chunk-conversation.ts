import type { Cutter } from '../../core/chunking/chunk.ts'
import { chunkMessage } from '../../core/chunking/chunk-message.ts'
import type { Role } from '../../core/conversation/model.ts'
import type { Placed } from '../../dataflow/place.ts'
import type { Chunk, Message } from '../../schemas/records.ts'

/** What stands for a conversation that a filtered generation leaves out. */
export const filteredChunk = (messages: Placed<Message>[]): Chunk => ({
  role: messages[0]?.body?.role ?? 'user',
  message_index: 0,
  message_count: messages.length,
  part_index: 0,
  part_type: 'text',
  chunk_index: 0,
  chunk_count: 1,
  kind: 'filtered',
  start: 0,
  text: '',
})

/** All chunks of a conversation, message by message; an undecodable message is one empty kept chunk. */
export const chunkConversation = (messages: Placed<Message>[], cut: Cutter): Chunk[] => {
  const chunks: Chunk[] = []
  for (const { index, count, body } of messages) {
    const role = (body?.role ?? 'user') as Role
    const pieces = chunkMessage({ role, content: body?.content ?? '' }, cut)
    for (const [chunkIndex, piece] of pieces.entries())
      chunks.push({
        role,
        message_index: index,
        message_count: count,
        part_index: piece.partIndex,
        part_type: piece.partType,
        chunk_index: chunkIndex,
        chunk_count: pieces.length,
        kind: piece.kind,
        start: piece.start,
        text: piece.text,
      })
  }
  return chunks
}
