import { readFileSync } from 'node:fs'
import type { Message } from '../../schemas/records.ts'
import { chunkConversation } from '../../services/chunk/chunk-conversation.ts'
import { cutterOf } from '../../services/chunk/cutter-of.ts'
import { rowToConversation } from '../../services/ingest/row-to-conversation.ts'
import { parsePipeline } from '../../services/load-config.ts'
import { peel } from '../../services/translate/peel.ts'
import { prompts } from '../../services/translate/prompts/index.ts'
import { group } from '../group.ts'

/** The bodies of the calls that a pipeline makes for rows, each once. */
export const chunkBodies = (file: string, rows: readonly string[]): string[] => {
  const config = parsePipeline(readFileSync(file, 'utf8'), file)
  const cut = cutterOf(Object.values(config.chunkings)[0]!)
  const bodies = new Set<string>()
  for (const [row, line] of rows.entries()) {
    const parsed = rowToConversation(JSON.parse(line), config.sources[0]!, { conversationBytes: 2 ** 22 })
    if (!parsed.ok) continue
    const messages = parsed.turns.map(
      ({ role, content }): Message => ({
        ...{ role, content, source: 'chat', split: 'rows', row: String(row), file: '', line: row },
        ...{ chat_template_kwargs: null, columns: {} },
      }),
    )
    for (const chunk of chunkConversation(group(`chat/rows/${row}`, messages).records, cut)) {
      if (chunk.kind !== 'translate') continue
      const text = peel(chunk.text).segment
      const prompt = prompts.instruct.render({ text, sourceLanguage: 'en', targetLanguage: 'ar' })
      bodies.add(JSON.stringify({ model: 'fake', ...prompt, temperature: 0 }))
    }
  }
  return [...bodies]
}
