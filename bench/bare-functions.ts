import { readFileSync } from 'node:fs'
import type { Group } from '../dataflow/operators/group-reader.ts'
import type { Placed } from '../dataflow/place.ts'
import type { Message, Scored, Translation } from '../schemas/records.ts'
import { chunkConversation } from '../services/chunk/chunk-conversation.ts'
import { cutterOf } from '../services/chunk/cutter-of.ts'
import type { PipelineConfig } from '../services/config.ts'
import { exportRow } from '../services/export/export-row.ts'
import { type RowResult, rowToConversation } from '../services/ingest/row-to-conversation.ts'
import { gatheredRows } from '../services/land/landing.ts'
import { bytesOf } from '../services/land/row-text.ts'
import { parsePipeline } from '../services/load-config.ts'
import { rankConversation } from '../services/rank/rank-conversation.ts'
import { conversationScorer } from '../services/score/score-conversation.ts'
import { pseudo } from '../services/translate/backends/pseudo.ts'
import { mapChunk } from '../services/translate/map-chunk.ts'
import { plainRules } from '../services/translate/segment-rules.ts'
import { group } from './group.ts'

/** What the bare functions made of some files. */
export interface BareResult {
  conversations: number
  /** Content tokens of the winners. */
  tokens: number
  /** Of the loop over all functions, and of those alone that make the rows of tables and datasets and their JSON. */
  loopSeconds: number
  rowSeconds: number
}

const linesOf = (config: PipelineConfig) =>
  Object.entries(config.translators).map(([line, { chunking }]) => ({
    line,
    cut: cutterOf(config.chunkings[chunking]!),
    each: mapChunk(
      {
        translator: pseudo(),
        sample: 0,
        rules: plainRules(1),
        languages: () => ({ source: 'en', target: 'ar' }),
        splits: {},
      },
      new AbortController().signal,
    ),
    score: conversationScorer(),
  }))

/** Conversations whose rows are sent together. */
const sentTogether = 256

/** Rows of a line as the run sends them. */
const rowsOf = <Name extends 'Message' | 'Translation' | 'Scored' | 'Ranked'>(name: Name, line: string) => {
  const rows = gatheredRows(name, { line, generation: 1, partition: 0 })
  return {
    add(made: Group<unknown>): void {
      for (const record of made.records) rows.add(record as Placed<never>)
    },
    /** Their bytes. */
    take: (): number => rows.take().reduce((sum, [, text]) => sum + bytesOf(text), 0),
  }
}

/** A row's messages as the records of one conversation. */
export const messagesOf = (row: RowResult & { ok: true }, id: string): Group<Message> =>
  group(
    id,
    row.turns.map(({ role, content }, index) => ({
      ...{ role, content, source: 'bench', split: 'split', row: '0', file: 'file', line: 1 },
      chat_template_kwargs: index === 0 ? row.chatTemplateKwargs : null,
      columns: index === 0 ? row.columns : {},
    })),
  )

/**
 * Every function of the run in one loop, without log, codec, tasks, warehouse and files: row → messages → chunks →
 * translations → scored → ranked, then the rows of tables and dataset.
 */
export const bareFunctions = (yaml: string, files: string[]): BareResult => {
  const config = parsePipeline(yaml, 'pipeline.yaml')
  const limits = { conversationBytes: config.limits.conversation_bytes }
  const ranking = Object.values(config.rankings)[0]!
  const lines = linesOf(config)
  const result: BareResult = { conversations: 0, tokens: 0, loopSeconds: 0, rowSeconds: 0 }
  const rows = {
    messages: rowsOf('Message', 'messages'),
    lines: lines.map(({ line }) => ({ translations: rowsOf('Translation', line), scored: rowsOf('Scored', line) })),
    ranked: rowsOf('Ranked', 'release'),
  }
  const taken = () =>
    [rows.messages, rows.ranked, ...rows.lines.flatMap(({ translations, scored }) => [translations, scored])].reduce(
      (sum, each) => sum + each.take(),
      0,
    )
  let written = 0
  const started = performance.now()
  for (const text of files.flatMap((file) => readFileSync(file, 'utf8').split('\n'))) {
    if (text === '') continue
    const row = rowToConversation(JSON.parse(text), config.sources[0]!, limits)
    if (!row.ok) continue
    const id = `bench/split/${result.conversations++}`
    const messages = messagesOf(row, id)
    const made = lines.map(({ line, cut, each, score }) => {
      const chunks = group(id, chunkConversation(messages.records, cut))
      const translations = group(
        id,
        chunks.records.map((chunk) => (each(chunk) as { body: Translation }).body),
      )
      return { line, translations, scored: group<Scored>(id, score([messages, translations])) }
    })
    const scored = new Map(made.map((candidate) => [candidate.line, candidate.scored]))
    const ranked = rankConversation([...scored.values()], ranking)
    result.tokens += ranked.candidates.find(({ line }) => line === ranked.winner)?.metrics.tokens_content ?? 0

    const began = performance.now()
    rows.messages.add(messages)
    for (const [i, { translations, scored: candidate }] of made.entries()) {
      rows.lines[i]!.translations.add(translations)
      rows.lines[i]!.scored.add(candidate)
    }
    rows.ranked.add(group(id, [ranked]))
    if (result.conversations % sentTogether === 0) written += taken()
    written += JSON.stringify(exportRow({ id, messages, scored, ranked, configurations: new Map() })).length
    result.rowSeconds += (performance.now() - began) / 1000
  }
  written += taken()
  if (written === 0) throw new Error('the bare functions made no rows')
  return { ...result, loopSeconds: (performance.now() - started) / 1000 }
}
