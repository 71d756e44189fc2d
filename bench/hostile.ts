import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Message, Translation } from '../schemas/records.ts'
import { chunkConversation } from '../services/chunk/chunk-conversation.ts'
import { cutterOf } from '../services/chunk/cutter-of.ts'
import { rowToConversation } from '../services/ingest/row-to-conversation.ts'
import { landRows } from '../services/land/land-rows.ts'
import { parsePipeline } from '../services/load-config.ts'
import { rankConversation } from '../services/rank/rank-conversation.ts'
import { conversationScorer } from '../services/score/score-conversation.ts'
import { pseudo } from '../services/translate/backends/pseudo.ts'
import { mapChunk } from '../services/translate/map-chunk.ts'
import { plainRules } from '../services/translate/segment-rules.ts'
import { group } from './group.ts'
import { pipelineYaml } from './workspace.ts'

const mega = 2 ** 20
/** The same ones every time. */
const letters = (count: number): string => {
  let state = 1
  let text = ''
  for (let i = 0; i < count; i++) {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
    text += String.fromCharCode(97 + ((state >>> 16) % 26))
  }
  return text
}
const hostileTexts: Record<string, string> = {
  '1 MB in one word': 'a'.repeat(mega),
  '1 MB in one Arabic word': 'م'.repeat(mega / 2),
  '1 MB of letters in one word': letters(mega),
  '1 MB of backticks': '`'.repeat(mega),
  '80 KB of unclosed \\(': '\\('.repeat(40 * 1024),
  '1 MB of dollars': '$'.repeat(mega),
  '1 MB of <think>': '<think>'.repeat(mega / 7),
  '1 MB of <tool_call>': '<tool_call>'.repeat(mega / 11),
  '1 MB of fence lines': '```\n'.repeat(mega / 4),
  '1 MB of empty lines': '\n'.repeat(mega),
  '1 MB of brackets': '[('.repeat(mega / 2),
  '1 MB of marks': 'e\u0301\u0302'.repeat(mega / 5),
  '1 MB of emoji families': '👩‍👩‍👧‍👦'.repeat(mega / 25),
  '1 MB of colons and at signs': 'a:@'.repeat(mega / 3),
}

const id = 'bench/hostile/0'

/** Milliseconds of every stage function on one message with a text. */
const stageTimes = (): ((text: string) => Record<string, number>) => {
  const config = parsePipeline(pipelineYaml, 'pipeline.yaml')
  const limits = { conversationBytes: 8 * mega }
  const cutters = Object.entries(config.chunkings).map(([name, chunking]) => [name, cutterOf(chunking)] as const)
  const each = mapChunk(
    {
      translator: pseudo(),
      sample: 0,
      rules: plainRules(1),
      languages: () => ({ source: 'en', target: 'ar' }),
      splits: {},
    },
    new AbortController().signal,
  )
  const score = conversationScorer()
  return (text) => {
    const times: Record<string, number> = {}
    const timed = <Result>(stage: string, work: () => Result): Result => {
      const started = performance.now()
      const result = work()
      times[stage] = (times[stage] ?? 0) + performance.now() - started
      return result
    }
    const line = JSON.stringify({ messages: [{ role: 'assistant', content: text }] })
    const row = timed('ingest', () => rowToConversation(JSON.parse(line), config.sources[0]!, limits))
    if (!row.ok) throw new Error(`${row.reason}: ${row.detail}`)
    const message: Message = {
      ...{ role: 'assistant', content: row.turns[0]!.content, source: 'bench', split: 'hostile', row: '0' },
      ...{ file: '', line: 1, chat_template_kwargs: null, columns: {} },
    }
    const messages = group(id, [message])
    const chunked = cutters.map(([name, cut]) =>
      timed(`chunk ${name}`, () => group(id, chunkConversation(messages.records, cut))),
    )
    const translations = chunked.map((chunks) =>
      timed('translate', () =>
        group(
          id,
          chunks.records.map((chunk) => (each(chunk) as { body: Translation }).body),
        ),
      ),
    )
    const scored = translations.map((candidate) => timed('score', () => group(id, score([messages, candidate]))))
    timed('rank', () => rankConversation(scored, config.rankings.release!))
    timed('land', () =>
      scored[0]!.records.map((record) => landRows('Scored', record, { line: 'a', generation: 1, partition: 0 })),
    )
    return times
  }
}

const ordinaryText = (length: number): string => {
  const chat = fileURLToPath(new URL('../test/data/chat/', import.meta.url))
  const texts = readdirSync(chat).flatMap((name) =>
    readFileSync(chat + name, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .flatMap((line) =>
        (JSON.parse(line) as { messages: { content: string }[] }).messages.map(({ content }) => content),
      ),
  )
  return texts.join('\n\n').slice(0, length)
}

/** How many times an ordinary text of its size each hostile text takes, the worst stage first. */
export const hostile = async (): Promise<string[]> => {
  const measure = stageTimes()
  measure(ordinaryText(mega))
  const rows = Object.entries(hostileTexts).map(([name, text]) => {
    const ordinary = best(() => measure(ordinaryText(text.length)))
    const times = best(() => measure(text))
    // Below a millisecond only the clock is measured.
    const ratios = Object.entries(times)
      .map(([stage, ms]) => ({ stage, ms, ratio: ms / Math.max(1, ordinary[stage]!) }))
      .sort((a, b) => b.ratio - a.ratio)
    const shown = ratios
      .slice(0, 3)
      .map(({ stage, ms, ratio }) => `${stage} ${ratio.toFixed(1)}x (${ms.toFixed(0)} ms)`)
    return `${name.padEnd(28)} ${shown.join(', ')}`
  })
  return rows
}

const best = (measure: () => Record<string, number>): Record<string, number> => {
  const runs = [measure(), measure(), measure()]
  return Object.fromEntries(Object.keys(runs[0]!).map((stage) => [stage, Math.min(...runs.map((run) => run[stage]!))]))
}
