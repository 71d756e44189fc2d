/** The text of a message's content: a text as it is, typed parts joined in their own markup; undefined for anything else. */
export const contentText = (content: unknown): string | undefined => {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return undefined
  const texts = content.map(partText)
  return texts.every((text) => text !== undefined) ? texts.join('') : undefined
}

const partText = (part: unknown): string | undefined => {
  if (typeof part === 'string') return part
  if (typeof part !== 'object' || part === null) return undefined
  const { type, value, text } = part as { type?: unknown; value?: unknown; text?: unknown }
  const body = text ?? value
  if (typeof body !== 'string') return undefined
  if (type === 'reasoning') return `<think>\n${body}\n</think>\n`
  if (type === 'tool_call') return `<tool_call>\n${body}\n</tool_call>`
  return type === 'text' || type === undefined ? body : undefined
}
