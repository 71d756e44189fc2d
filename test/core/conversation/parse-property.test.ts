import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Role } from '../../../core/conversation/model.ts'
import { hasLetter, parseMessage } from '../../../core/conversation/parse-message.ts'
import { chatTurns } from './chat-turns.ts'
import { hostileText } from './hostile-text.ts'

const role = fc.constantFrom<Role>('system', 'user', 'assistant', 'tool')
const prose = new Set(['text', 'system', 'think'])
const size = 1 << 20

const joined = (role: Role, content: string) =>
  parseMessage(role, content)
    .map((part) => part.text)
    .join('')

describe('parts of a message', () => {
  it('join to the content of every sample row', () => {
    const turns = chatTurns()
    expect(turns.length).toBeGreaterThan(1500)
    for (const turn of turns) expect(joined(turn.role, turn.content)).toBe(turn.content)
  })

  it('join to any content, are never empty and translate exactly the prose that has letters', () => {
    fc.assert(
      fc.property(role, hostileText, (role, content) => {
        const parts = parseMessage(role, content)
        expect(parts.map((part) => part.text).join('')).toBe(content)
        expect(parts.length).toBeGreaterThan(0)
        for (const { type, kind, text } of parts) {
          if (content !== '') expect(text).not.toBe('')
          if (kind === 'translate') expect(prose.has(type) && hasLetter(text)).toBe(true)
          else if (type === 'text' || type === 'system') expect(hasLetter(text)).toBe(false)
          else if (type === 'think') expect(!hasLetter(text) || /^<\/?think>\r?\n?$/.test(text)).toBe(true)
        }
      }),
      { numRuns: 3000, seed: 7 },
    )
  })

  it('open and close thinking in turn', () => {
    fc.assert(
      fc.property(hostileText, (content) => {
        let thinking = false
        for (const { type, text, kind } of parseMessage('user', content)) {
          if (type === 'text') expect(thinking).toBe(false)
          if (type !== 'think') continue
          const isTag = kind === 'keep' && hasLetter(text)
          expect(isTag ? text.startsWith('</') : true).toBe(thinking)
          if (isTag) thinking = !thinking
        }
      }),
      { numRuns: 2000, seed: 8 },
    )
  })

  it.each([
    ['one word', 'a'],
    ['backticks', '`'],
    ['backticks in words', 'a``b`'],
    ['dollars', '$$ '],
    ['escaped parentheses', '\\('],
    ['escaped brackets', '\\['],
    ['opening tags of thinking', '<think>'],
    ['unclosed fences in thinking', '<think>\n~~~a\n</think>\n'],
    ['unclosed calls', '<tool_call>'],
    ['calls with open strings', '<tool_call>{"</tool_call>'],
    ['calls with open and escaped strings', '<tool_call>{\\"</tool_call>'],
    ['calls cut off', '<tool_call>{"'],
    ['environments without an end', '\\begin{align}'],
    ['pictures without an end', '[asy]'],
    ['empty lines', '\n'],
    ['block quotes', '> '],
    ['list marks', '- '],
    ['spaces', ' '],
  ])('join for a megabyte of %s', (_name, unit) => {
    const content = unit.repeat(size / unit.length)
    for (const text of [content, `<think>${content}`, `$$${content}`, `${content}</think>`]) {
      expect(joined('assistant', text) === text).toBe(true)
    }
  })

  it('join for runs of backticks of every length on one line', () => {
    const content = Array.from({ length: 1400 }, (_, i) => `${'`'.repeat(i + 1)}x`).join('')
    expect(joined('user', content) === content).toBe(true)
  })

  it('join for JSON nested a hundred thousand levels deep', () => {
    const content = `${'{"a":['.repeat(100_000)}1${']}'.repeat(100_000)}`
    expect(parseMessage('assistant', content)).toEqual([{ type: 'tool_call', kind: 'keep', text: content }])
  })
})
