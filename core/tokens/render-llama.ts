import type { TokenCounter } from '../chunking/chunk.ts'
import type { Turn } from '../conversation/model.ts'

/** What a conversation carries besides its turns; tool schemas as they are written in the data. */
export interface RenderOptions {
  customInstructions?: string
  xmlTools?: readonly string[]
  pythonTools?: readonly string[]
}

/**
 * A conversation as a model of the Llama 3.1 family reads it: begin of text, then for every turn a header with the role
 * (`ipython` for tools), an empty line, the trimmed content and an end of turn. One system turn comes first when there
 * is anything for it: the custom instructions, the XML tools, the Python tools and the content of a leading system turn,
 * trimmed, the empty ones left out, with an empty line between them. No date, no wording of the model maker's own and no
 * generation prompt is added, so that counts depend on the data alone.
 */
export function renderLlama(turns: readonly Turn[], options: RenderOptions = {}): string {
  return `<|begin_of_text|>${blocksOf(turns, options).map(blockText).join('')}`
}

/**
 * How many tokens `renderLlama` gives, without counting again what is known: `known` has the tokens of whole contents.
 * Exact for tokenizers of the Llama 3 family, where neither special tokens nor the empty line behind a header merge with
 * a content.
 */
export function countRendered(
  turns: readonly Turn[],
  options: RenderOptions,
  count: TokenCounter,
  known: ReadonlyMap<string, number> = new Map(),
): number {
  let tokens = 1
  for (const block of blocksOf(turns, options)) {
    const { role, content } = block
    // U+0085 is white space of the tokenizer's that trimming leaves: it merges with the empty line.
    if (content.startsWith('\u0085')) tokens += count(blockText(block))
    else tokens += count(role) + 4 + (known.get(content) ?? count(content))
  }
  return tokens
}

interface Block {
  role: string
  content: string
}

function blocksOf(turns: readonly Turn[], options: RenderOptions): Block[] {
  const first = turns[0]
  const opening = first?.role === 'system' ? [first.content] : []
  const rest = turns.slice(opening.length)
  const { customInstructions = '', xmlTools = [], pythonTools = [] } = options
  const system = [customInstructions, ...xmlTools, ...pythonTools, ...opening]
    .map((text) => text.trim())
    .filter((text) => text !== '')
  const blocks: Block[] = system.length > 0 ? [{ role: 'system', content: system.join('\n\n') }] : []
  for (const { role, content } of rest)
    blocks.push({ role: role === 'tool' ? 'ipython' : role, content: content.trim() })
  return blocks
}

function blockText({ role, content }: Block): string {
  return `<|start_header_id|>${role}<|end_header_id|>\n\n${content}<|eot_id|>`
}
