import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Cutter } from '../../../core/chunking/chunk.ts'
import type { Role, Turn } from '../../../core/conversation/model.ts'
import type { Chunk } from '../../../schemas/records.ts'
import { cutterOf } from '../../../services/chunk/cutter-of.ts'
import type { ChunkingConfig } from '../../../services/config.ts'
import { loadTokenizer } from '../../../services/tokenizer.ts'
import { hostileText } from '../../core/conversation/hostile-text.ts'
import {
  chatConversations,
  messagesOf,
  rawConversations,
  type SampleConversation,
} from '../chunk/sample-conversations.ts'
import { identity, throughStages } from './through-stages.ts'

/** Every one of the fifty random chunkings for every conversation: a minute instead of seconds. */
const isLong = process.env.KALAM_LONG === '1'
const conversations = [...chatConversations(), ...rawConversations()]
const count = loadTokenizer('llama3.1')
const tokens = (target: number, window: number, limit: number): ChunkingConfig => ({
  ...{ by: 'tokens', target, window, limit, tokenizer: 'llama3.1' },
})
const lines = (count: number, limit = 4000): ChunkingConfig => ({ by: 'lines', count, limit, tokenizer: 'llama3.1' })

/** Most tokens of a piece: of a foreign tokenizer's limit eight tenths count, and 16 tokens are the prompt's. */
const mostTokens = (chunking: ChunkingConfig): number =>
  chunking.by === 'lines' ? chunking.limit : Math.floor(chunking.limit * (chunking.safety ?? 0.8)) - 16

/** Fails unless a conversation comes out of all stages as it went in, in pieces that hold their limit. */
const check = ({ messages }: SampleConversation, cut: Cutter, most: number) => {
  const { chunks, translations, scored } = throughStages(messages, cut, identity)
  expect(scored.map(({ target }) => target)).toEqual(messages.map(({ body }) => body!.content))
  const tally = scored.at(-1)!.conversation!
  expect(tally).toMatchObject({ complete: true, failed: 0, skipped: 0, in_line: true })
  expect(tally.translated + tally.kept).toBe(chunks.length)
  for (const [i, { kind, text }] of chunks.entries()) {
    expect(translations[i]!.status).toBe(kind === 'translate' ? 'translated' : 'kept')
    if (kind === 'translate') expect(count(text) <= most || [...text].length === 1).toBe(true)
  }
}

describe('with a translator that returns what it gets', () => {
  it('the samples are all there', () => {
    expect(conversations).toHaveLength(619 + 112)
  })

  it.each<[string, ChunkingConfig]>([
    ['tokens490', tokens(490, 50, 512)],
    ['lines25', lines(25)],
    ['lines50', lines(50)],
    ['lines100', lines(100)],
    ['lines500', lines(500)],
  ])('every sample conversation comes out byte for byte when cut by %s', (_name, chunking) => {
    const cut = cutterOf(chunking)
    for (const conversation of conversations) check(conversation, cut, mostTokens(chunking))
  })

  it('every sample conversation comes out byte for byte under fifty random chunkings', { timeout: 900_000 }, () => {
    const byTokens = fc
      .record({
        target: fc.integer({ min: 30, max: 2000 }),
        window: fc.nat(500),
        spare: fc.integer({ min: 1, max: 300 }),
      })
      .map(({ target, window, spare }) => tokens(target, window, target + spare))
    const byLines = fc
      .record({ count: fc.integer({ min: 1, max: 200 }), limit: fc.integer({ min: 32, max: 3000 }) })
      .map(({ count, limit }) => lines(count, limit))
    const chunkings = fc.sample(fc.oneof(byTokens, byLines), { numRuns: 50, seed: 20 })
    for (const [index, chunking] of chunkings.entries()) {
      const cut = cutterOf(chunking)
      const mine = isLong ? conversations : conversations.filter((_, at) => at % 20 === index % 20)
      for (const conversation of mine) check(conversation, cut, mostTokens(chunking))
    }
  })

  const role = fc.constantFrom<Role>('system', 'user', 'assistant', 'tool')
  const turn = fc.record({ role, content: hostileText.map((text) => text.toWellFormed()) })
  const chunking = fc.oneof(
    fc
      .record({ target: fc.integer({ min: 30, max: 90 }), window: fc.nat(40) })
      .map(({ target, window }) => tokens(target, window, target + 10)),
    fc
      .record({ count: fc.integer({ min: 1, max: 5 }), limit: fc.integer({ min: 32, max: 60 }) })
      .map(({ count, limit }) => lines(count, limit)),
  )

  it('hostile conversations come out byte for byte, cut between grapheme clusters only', () => {
    fc.assert(
      fc.property(fc.array(turn, { minLength: 1, maxLength: 4 }), chunking, (turns, chunking) => {
        const conversation = { file: 'hostile', id: 's/t/0', messages: messagesOf('s/t/0', turns) }
        const cut = cutterOf(chunking)
        check(conversation, cut, mostTokens(chunking))
        for (const text of cutClusters(throughStages(conversation.messages, cut, identity).chunks, turns)) {
          expect(count(text)).toBeGreaterThan(mostTokens(chunking))
        }
      }),
      { numRuns: 600, seed: 21 },
    )
  })

  it.each<[string, string]>([
    ['one word', 'a'.repeat(1 << 20)],
    ['backticks', '`'.repeat(1 << 20)],
    ['unclosed round brackets', '\\(a '.repeat(20_000)],
    ['dollars', '$$ '.repeat(100_000)],
    ['runs of backticks of every length', Array.from({ length: 700 }, (_, i) => `${'`'.repeat(i)}x`).join('')],
    ['families', '👨‍👩‍👧‍👦'.repeat(20_000)],
    ['lone carriage returns', 'a line\r'.repeat(50_000)],
    ['bidi controls', '\u202eabc\u202c\u2067x\u2069 '.repeat(20_000)],
    ['broken nesting', '<think>\n```\n<tool_call>{"a": "</think>"\n'.repeat(5000)],
  ])('a huge message of %s comes out byte for byte', (_name, content) => {
    const conversation = { file: 'huge', id: 's/t/0', messages: messagesOf('s/t/0', [{ role: 'assistant', content }]) }
    const chunking = tokens(490, 50, 512)
    check(conversation, cutterOf(chunking), mostTokens(chunking))
  })

  it('white space of any kind around segments stays as it was', () => {
    const spaces = ['\ufeff', '\u0085', '\u00a0', '\u2028', '\u3000', '\r', '\r\n', '\u180e', '\u200b', ' \t\u000b\f']
    const content = spaces.flatMap((a) => spaces.map((b) => `${a}word one.${b}`)).join('\n```\ncode\n```\n')
    const conversation = { file: 'spaces', id: 's/t/0', messages: messagesOf('s/t/0', [{ role: 'user', content }]) }
    for (const chunking of [tokens(30, 10, 50), lines(1)]) check(conversation, cutterOf(chunking), mostTokens(chunking))
  })
})

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** The grapheme clusters of parts that a cut between two chunks goes through. */
function* cutClusters(chunks: Chunk[], turns: readonly Turn[]): Generator<string> {
  for (const [message] of turns.entries()) {
    const parts = new Map<number, string[]>()
    for (const { message_index, part_index, text } of chunks) {
      if (message_index === message) parts.set(part_index, [...(parts.get(part_index) ?? []), text])
    }
    for (const texts of parts.values()) {
      let at = 0
      const cuts = new Set(texts.map((text) => (at += text.length)))
      for (const { segment, index } of segmenter.segment(texts.join(''))) {
        for (let i = index + 1; i < index + segment.length; i++) if (cuts.has(i)) yield segment
      }
    }
  }
}
