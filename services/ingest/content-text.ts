import { type BadRow, badRow, kindOf } from './bad-row.ts'
import { isRow, type Row } from './row-value.ts'

/**
 * The text of a message's content: a text as it is; of a list of typed parts `{type, value | text}` text as it is,
 * reasoning as <think>, calls as <tool_call>. `where` names the content in the detail of a bad row.
 */
export const contentText = (content: unknown, where: string): string | BadRow => {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return badRow('wrong_type', `${where} is ${kindOf(content)}, not a text`)
  const texts: string[] = []
  for (const [i, part] of content.entries()) {
    const text = partText(part, `part ${i} of ${where}`)
    if (typeof text !== 'string') return text
    texts.push(text)
  }
  return texts.join('')
}

const partText = (part: unknown, where: string): string | BadRow => {
  if (typeof part === 'string') return part
  if (!isRow(part)) return badRow('wrong_type', `${where} is ${kindOf(part)}, not an object`)
  const type = part.type ?? 'text'
  const value = part.value ?? part.text
  if (type === 'tool_call' && (isRow(value) || Array.isArray(value))) return toolCall(JSON.stringify(value))
  if (typeof value !== 'string') return badRow('wrong_type', `the value of ${where} is ${kindOf(value)}, not a text`)
  if (type === 'text') return value
  if (type === 'reasoning') return thinking(value)
  if (type === 'tool_call') return toolCall(value)
  return badRow(
    'wrong_type',
    `${where} has the type ${JSON.stringify(type).slice(0, 60)}, not text, reasoning or tool_call`,
  )
}

/** Reasoning in the markup of assistant messages. */
export const thinking = (text: string): string => `<think>\n${text}\n</think>\n`

/** The calls that stand beside a message's content, as OpenAI's API has them, as <tool_call> with name and arguments; '' without. */
export const calledTools = ({ tool_calls, function_call }: Row): string => {
  const calls = Array.isArray(tool_calls)
    ? tool_calls.map((call) => (isRow(call) ? (call.function ?? call) : call))
    : []
  if (isRow(function_call)) calls.push(function_call)
  return calls.map((call) => toolCall(JSON.stringify(isRow(call) ? withArguments(call) : call))).join('\n')
}

/** Arguments travel as JSON inside of a text. */
const withArguments = (call: Row): Row => {
  if (typeof call.arguments !== 'string') return call
  try {
    const value: unknown = JSON.parse(call.arguments)
    return isRow(value) ? { ...call, arguments: value } : call
  } catch {
    return call
  }
}

const toolCall = (text: string): string => `<tool_call>\n${text}\n</tool_call>`
