import { describe, expect, it } from 'vitest'
import { chunkConversation } from '../../../services/chunk/chunk-conversation.ts'
import { cutterOf } from '../../../services/chunk/cutter-of.ts'
import { loadTokenizer } from '../../../services/tokenizer.ts'
import { messagesOf } from './sample-conversations.ts'

const count = loadTokenizer('llama3.1')
const byLines = cutterOf({ by: 'lines', count: 2, limit: 4000, tokenizer: 'llama3.1' })
const place = (chunks: ReturnType<typeof chunkConversation>) =>
  chunks.map(({ message_index, part_index, chunk_index, chunk_count, kind, start, text }) => [
    ...[message_index, part_index, chunk_index, chunk_count, kind],
    ...[start, text],
  ])

describe('the chunks of a conversation', () => {
  it('tell their place in message and part', () => {
    const messages = messagesOf('s/t/0', [
      { role: 'user', content: 'one\ntwo\nthree\n```\ncode\n```\n' },
      { role: 'assistant', content: '' },
      { role: 'tool', content: 'It rains.' },
    ])
    const chunks = chunkConversation(messages, byLines)
    expect(place(chunks)).toEqual([
      [0, 0, 0, 3, 'translate', 0, 'one\ntwo\n'],
      [0, 0, 1, 3, 'translate', 8, 'three\n'],
      [0, 1, 2, 3, 'keep', 14, '```\ncode\n```\n'],
      [1, 0, 0, 1, 'keep', 0, ''],
      [2, 0, 0, 1, 'keep', 0, 'It rains.'],
    ])
    expect(chunks.map(({ role, message_count, part_type }) => [role, message_count, part_type])).toEqual([
      ['user', 3, 'text'],
      ['user', 3, 'text'],
      ['user', 3, 'code'],
      ['assistant', 3, 'text'],
      ['tool', 3, 'tool_response'],
    ])
  })

  it('are one empty kept chunk where a message cannot be decoded', () => {
    const messages = messagesOf('s/t/0', [
      { role: 'user', content: 'x' },
      { role: 'user', content: 'y' },
    ]).map((message) => (message.index === 0 ? { ...message, body: undefined } : message))
    expect(place(chunkConversation(messages, byLines))).toEqual([
      [0, 0, 0, 1, 'keep', 0, ''],
      [1, 0, 0, 1, 'translate', 0, 'y'],
    ])
  })
})

describe('the cutter of a chunking', () => {
  const text = 'The quick brown fox jumps over the lazy dog. '.repeat(400)
  const sizes = (cut: (text: string) => string[]) => cut(text).slice(0, -1).map(count)

  it('counts with a safety factor where the tokenizer is not the translator’s own', () => {
    const chunking = { by: 'tokens', target: 490, window: 50, limit: 512, tokenizer: 'llama3.1' } as const
    const careful = sizes(cutterOf(chunking))
    const exact = sizes(cutterOf({ ...chunking, safety: 1 }))
    expect(careful.every((tokens) => tokens > 340 && tokens <= 409 - 16)).toBe(true)
    expect(exact.every((tokens) => tokens > 440 && tokens <= 512 - 16)).toBe(true)
  })

  it('by lines holds both limits', () => {
    const lines = 'A short line here.\n'.repeat(100)
    const cut = cutterOf({ by: 'lines', count: 25, limit: 4000, tokenizer: 'llama3.1' })
    expect(cut(lines).map((piece) => piece.split('\n').length - 1)).toEqual([25, 25, 25, 25])
    const tight = cutterOf({ by: 'lines', count: 25, limit: 64, tokenizer: 'llama3.1' })
    expect(tight(lines).every((piece) => count(piece) <= 64)).toBe(true)
  })
})
