import type { TokenCounter } from '../chunking/chunk.ts'
import type { Turn } from '../conversation/model.ts'
import { countRendered, type RenderOptions } from '../tokens/render-llama.ts'
import { addCounts, type Counts, noCounts } from './counts.ts'
import { type ScoreSettings, type Scores, scoresOf } from './score-message.ts'

/** A candidate's conversation: the counts of its messages, and its turns in the target language, one for each. */
export interface ConversationToScore {
  messages: readonly Counts[]
  turns: readonly Turn[]
  /** Instructions and tool schemas that go with the turns. */
  render?: RenderOptions
}

/** The metrics of a conversation, by which rankings weigh and keep. */
export const conversationMetrics = [
  ...['lr', 'scr', 'scr_reachable', 'lr_all', 'scr_all', 'tokens_source', 'tokens_target'],
  ...['tokens_content', 'tokens_rendered', 'turns'],
]

/**
 * The scores of a conversation from the summed counts of its messages, with `tokens_content` (the target's contents),
 * `tokens_rendered` (the same in the template of `renderLlama`, with tool schemas) and `turns`.
 */
export function scoreConversation(
  { messages, turns, render }: ConversationToScore,
  count: TokenCounter,
  settings: ScoreSettings = {},
): Scores {
  const { metrics, parts } = scoresOf(messages.reduce(addCounts, noCounts()), settings)
  const known = new Map(turns.map(({ content }, i) => [content, messages[i]?.tokensTarget ?? count(content)]))
  const rendered = countRendered(turns, render ?? {}, count, known)
  return {
    metrics: { ...metrics, tokens_content: metrics.tokens_target ?? 0, tokens_rendered: rendered, turns: turns.length },
    parts,
  }
}
