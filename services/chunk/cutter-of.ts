import type { Cutter, TokenCounter } from '../../core/chunking/chunk.ts'
import { lineCutter } from '../../core/chunking/line-cutter.ts'
import { tokenCutter } from '../../core/chunking/token-cutter.ts'
import { KalamError } from '../../dataflow/error.ts'
import type { ChunkingConfig } from '../config.ts'
import { loadTokenizer } from '../tokenizer.ts'

/** Tokens of the longest prompt around a chunk; part of the chunk rule, so that a chunk never depends on its translator. */
const promptTokens = 16
/** What a count by another tokenizer than the translator's is trusted with. */
const foreignTokenizerSafety = 0.8

/** The most tokens that a text may have in a chunking's prompt, by its own counter; a tokenizer's path starts from `base`. */
export const tokenLimitOf = (chunking: ChunkingConfig, base?: string): { count: TokenCounter; tokens: number } => {
  const count = loadTokenizer(chunking.tokenizer, base)
  if (chunking.by === 'lines') return { count, tokens: chunking.limit }
  return { count, tokens: Math.floor(chunking.limit * safetyOf(chunking)) - promptTokens }
}

/** Loads the tokenizer files that chunkings name; a KalamError of loadTokenizer names the setting of the first that cannot be used. */
export const loadTokenizers = (chunkings: Record<string, ChunkingConfig>, base: string): void => {
  for (const [name, { tokenizer }] of Object.entries(chunkings)) {
    try {
      if (tokenizer !== 'llama3.1') loadTokenizer(tokenizer, base)
    } catch (thrown) {
      if (!(thrown instanceof KalamError)) throw thrown
      const { code, message, hint = '', details, cause } = thrown
      const where = `Check chunkings.${name}.tokenizer in pipeline.yaml: `
      throw new KalamError(code, message, { hint: where + hint, details, cause })
    }
  }
}

const safetyOf = ({ safety, tokenizer }: ChunkingConfig & { by: 'tokens' }): number =>
  safety ?? (tokenizer === 'llama3.1' ? foreignTokenizerSafety : 1)

/** The cutter that a chunking in pipeline.yaml names; a tokenizer's path starts from `base`. */
export const cutterOf = (chunking: ChunkingConfig, base?: string): Cutter => {
  const count = loadTokenizer(chunking.tokenizer, base)
  if (chunking.by === 'lines') return lineCutter({ count: chunking.count, limit: chunking.limit, tokens: count })
  const safety = safetyOf(chunking)
  return tokenCutter({
    target: Math.floor(chunking.target * safety),
    window: Math.floor(chunking.window * safety),
    limit: Math.floor(chunking.limit * safety),
    promptTokens,
    count,
  })
}
