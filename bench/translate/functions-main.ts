/**
 * The functions of the flow from ingest to rank, whose answers cost nothing: no calls, log, codec, memory and tasks.
 * `functions-main.ts <pipeline.yaml>` prints a Usage as JSON.
 */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Scored } from '../../schemas/records.ts'
import { chunkConversation } from '../../services/chunk/chunk-conversation.ts'
import { cutterOf } from '../../services/chunk/cutter-of.ts'
import type { PipelineConfig } from '../../services/config.ts'
import { rowToConversation } from '../../services/ingest/row-to-conversation.ts'
import { parsePipeline } from '../../services/load-config.ts'
import { rankConversation } from '../../services/rank/rank-conversation.ts'
import { conversationScorer } from '../../services/score/score-conversation.ts'
import { loadTokenizer } from '../../services/tokenizer.ts'
import { mapChunk } from '../../services/translate/map-chunk.ts'
import { prompts } from '../../services/translate/prompts/index.ts'
import { rulesOf } from '../../services/translate/segment-rules.ts'
import { noUsage, type Translator } from '../../services/translate/translator.ts'
import { goodText } from '../../test/fake-openai/answers.ts'
import { messagesOf } from '../bare-functions.ts'
import { group } from '../group.ts'
import { ownUsage } from './own-usage.ts'

/** The answers of the fake server, without it. Not given at once: those of a local translator would be taken as they are. */
const answering: Translator = {
  backend: 'fake',
  fingerprint: 'fake',
  slots: 1,
  paid: false,
  render: ({ text }) => text,
  translate: async ({ text }) => ({ text: goodText(text), usage: noUsage }),
}

const translating = (config: PipelineConfig) => {
  const settings = config.translators.model!
  if (!('slots' in settings)) throw new Error('its translator makes no calls')
  const languages = { source: 'en', target: config.target.language }
  const { rules } = rulesOf(settings, {
    chunking: config.chunkings[settings.chunking],
    promptText: prompts.instruct.instructions({ sourceLanguage: 'en', targetLanguage: languages.target }),
  })
  return mapChunk(
    { translator: answering, sample: 0, rules, languages: () => languages, splits: {} },
    new AbortController().signal,
  )
}

const file = process.argv[2] ?? 'pipeline.yaml'
const config = parsePipeline(readFileSync(file, 'utf8'), file)
const limits = { conversationBytes: config.limits.conversation_bytes }
const cut = cutterOf(Object.values(config.chunkings)[0]!)
const translate = translating(config)
const score = conversationScorer()
// Its tables are made at the start.
loadTokenizer('llama3.1')('')
let kept = 0
const usage = await ownUsage(async () => {
  const rows = readFileSync(join(dirname(file), 'rows.jsonl'), 'utf8')
    .trim()
    .split('\n')
  for (const [n, line] of rows.entries()) {
    const row = rowToConversation(JSON.parse(line), config.sources[0]!, limits)
    if (!row.ok) continue
    const messages = messagesOf(row, `chat/rows/${n}`)
    const translations = []
    for (const chunk of group(messages.id, chunkConversation(messages.records, cut)).records) {
      const made = await translate(chunk)
      if (made) translations.push(made.body)
    }
    const scored = group<Scored>(messages.id, score([messages, group(messages.id, translations)]))
    if (rankConversation([scored], config.rankings.release!).keep) kept++
  }
})
if (kept === 0) throw new Error('the functions kept nothing')
process.stdout.write(`${JSON.stringify(usage)}\n`)
