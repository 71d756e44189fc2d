import { findMarkup } from './markup.ts'
import type { Part, PartType, Role } from './model.ts'

/** Raised when the same message gives other parts; part of the settings hash. */
export const parseVersion = 2

/**
 * Splits a message into typed parts whose texts, joined, are the content; never none, so "" is one keep part. Thinking
 * without an end goes on to the end of the message; a tool's message is one tool_response; an assistant's message (or
 * what follows its thinking) that is nothing but a JSON object or array is a tool_call. Text without a letter is kept.
 */
export function parseMessage(role: Role, content: string): Part[] {
  if (role === 'tool') return [{ type: 'tool_response', kind: 'keep', text: content }]
  const outside: PartType = role === 'system' ? 'system' : 'text'
  if (content === '') return [{ type: outside, kind: 'keep', text: '' }]
  const parts: Part[] = []
  let at = 0
  let thinking = false
  for (const markup of role === 'assistant' && isJsonDocument(content) ? [] : findMarkup(content)) {
    if (markup.start > at) parts.push(prose(thinking ? 'think' : outside, content.slice(at, markup.start)))
    parts.push({ type: markup.type, kind: 'keep', text: content.slice(markup.start, markup.end) })
    at = markup.end
    thinking = markup.thinking
  }
  if (at === content.length) return parts
  const rest = content.slice(at)
  const isFirst = parts.at(-1)?.text === '</think>' || parts.length === 0
  if (role === 'assistant' && isFirst && !thinking && isJsonDocument(rest)) {
    parts.push({ type: 'tool_call', kind: 'keep', text: rest })
  } else parts.push(prose(thinking ? 'think' : outside, rest))
  return parts
}

/** Whether a text has a letter, so that there is something to translate. */
export function hasLetter(text: string): boolean {
  return /\p{L}/u.test(text)
}

function prose(type: PartType, text: string): Part {
  return { type, kind: hasLetter(text) ? 'translate' : 'keep', text }
}

function isJsonDocument(text: string): boolean {
  const trimmed = text.trim()
  const brackets = `${trimmed[0]}${trimmed.at(-1)}`
  if ((brackets !== '{}' && brackets !== '[]') || !hasLetter(trimmed)) return false
  try {
    JSON.parse(trimmed)
    return true
  } catch {
    return false
  }
}
