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
  const first = turns[0]
  const opening = first?.role === 'system' ? [first.content] : []
  const rest = turns.slice(opening.length)
  const { customInstructions = '', xmlTools = [], pythonTools = [] } = options
  const system = [customInstructions, ...xmlTools, ...pythonTools, ...opening]
    .map((text) => text.trim())
    .filter((text) => text !== '')
  const blocks = system.length > 0 ? [block('system', system.join('\n\n'))] : []
  for (const turn of rest) blocks.push(block(turn.role === 'tool' ? 'ipython' : turn.role, turn.content.trim()))
  return `<|begin_of_text|>${blocks.join('')}`
}

function block(role: string, content: string): string {
  return `<|start_header_id|>${role}<|end_header_id|>\n\n${content}<|eot_id|>`
}
