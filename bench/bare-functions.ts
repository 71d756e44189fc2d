import { readFileSync } from 'node:fs'
import type { Group } from '../dataflow/operators/group-reader.ts'
import type { Message, Scored, Translation } from '../schemas/records.ts'
import { chunkConversation } from '../services/chunk/chunk-conversation.ts'
import { cutterOf } from '../services/chunk/cutter-of.ts'
import { rowToConversation } from '../services/ingest/row-to-conversation.ts'
import { landRows } from '../services/land/land-rows.ts'
import { parsePipeline } from '../services/load-config.ts'
import { rankConversation } from '../services/rank/rank-conversation.ts'
import { conversationScorer } from '../services/score/score-conversation.ts'
import { pseudo } from '../services/translate/backends/pseudo.ts'
import { mapChunk } from '../services/translate/map-chunk.ts'

/** What the bare functions made of some files. */
export interface BareResult {
  conversations: number
  /** Content tokens of the winners. */
  tokens: number
  seconds: number
}

const group = <Body>(id: string, bodies: Body[]): Group<Body> => ({
  id,
  ordinal: 0,
  timestamp: 0,
  next: bodies.length,
  bytes: 0,
  records: bodies.map((body, index) => ({
    id,
    ordinal: 0,
    index,
    count: bodies.length,
    offset: index,
    timestamp: 0,
    bytes: 0,
    body,
  })),
})

/**
 * Every function of the flow in one loop, without log, codec, tasks and warehouse: row → messages → chunks → translations
 * → scored → ranked, and the table rows of each.
 */
export const bareFunctions = (yaml: string, files: string[]): BareResult => {
  const config = parsePipeline(yaml, 'pipeline.yaml')
  const source = config.sources[0]!
  const limits = { conversationBytes: config.limits.conversation_bytes }
  const ranking = Object.values(config.rankings)[0]!
  const signal = new AbortController().signal
  const lines = Object.entries(config.translators).map(([line, { chunking }]) => ({
    line,
    cut: cutterOf(config.chunkings[chunking]!),
    each: mapChunk(
      { translator: pseudo(), sample: 0, attempts: 1, languages: () => ({ source: 'en', target: 'ar' }), splits: {} },
      signal,
    ),
    score: conversationScorer(),
  }))
  let conversations = 0
  let tokens = 0
  let landed = 0
  const land = (name: 'Message' | 'Translation' | 'Scored' | 'Ranked', made: Group<never>, line: string) => {
    for (const record of made.records) landed += landRows(name, record, { line, generation: 1, partition: 0 }).length
  }
  const started = performance.now()
  for (const file of files) {
    for (const text of readFileSync(file, 'utf8').split('\n')) {
      if (text === '') continue
      const row = rowToConversation(JSON.parse(text), source, limits)
      if (!row.ok) continue
      const id = `${source.name}/split/${conversations++}`
      const messages = group<Message>(
        id,
        row.turns.map(({ role, content }, index) => ({
          role,
          content,
          source: source.name,
          split: 'split',
          row: '0',
          file,
          line: 1,
          chat_template_kwargs: index === 0 ? row.chatTemplateKwargs : null,
          columns: index === 0 ? row.columns : {},
        })),
      )
      land('Message', messages as Group<never>, 'messages')
      const scored = lines.map(({ line, cut, each, score }) => {
        const chunks = group(id, chunkConversation(messages.records, cut))
        const translations = group(
          id,
          chunks.records.map((chunk) => (each(chunk) as { body: Translation }).body),
        )
        land('Translation', translations as Group<never>, line)
        const made = group<Scored>(id, score([messages, translations]))
        land('Scored', made as Group<never>, line)
        return made
      })
      const verdict = rankConversation(scored, ranking)
      land('Ranked', group(id, [verdict]) as Group<never>, 'release')
      tokens += verdict.candidates.find(({ line }) => line === verdict.winner)?.metrics.tokens_content ?? 0
    }
  }
  if (landed === 0) throw new Error('the bare functions made no rows')
  return { conversations, tokens, seconds: (performance.now() - started) / 1000 }
}
