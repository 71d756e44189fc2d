import { describe, expect, it } from 'vitest'
import type { Role } from '../../../core/conversation/model.ts'
import { parseMessage } from '../../../core/conversation/parse-message.ts'
import { chatTurns } from './chat-turns.ts'
import { parts } from './parts.ts'

describe('thinking', () => {
  it('gives the tags parts of their own and translates what stands between them', () => {
    expect(parts('<think>\nLet me see.\n</think>\nIt is four.')).toEqual([
      ['think', '<think>\n'],
      ['think*', 'Let me see.\n'],
      ['think', '</think>'],
      ['text*', '\nIt is four.'],
    ])
  })

  it('takes a Windows line break into the opening tag', () => {
    expect(parts('<think>\r\nSo.</think>')[0]).toEqual(['think', '<think>\r\n'])
  })

  it('goes on to the end of the message without a closing tag', () => {
    expect(parts('Well <think>then so')).toEqual([
      ['text*', 'Well '],
      ['think', '<think>'],
      ['think*', 'then so'],
    ])
  })

  it('keeps the type of code and mathematics inside', () => {
    const content = '<think>\nTry\n```py\nx = 1\n```\nand\n\\[ x^2 \\]\nok</think>Done.'
    expect(parts(content).map(([type]) => type)).toEqual('think think* code think* math think* think text*'.split(' '))
  })

  it('is not closed by a tag in a fence or in inline code when another one follows', () => {
    expect(parts('<think>\n```html\n</think>\n```\nand `</think>` too\n</think>Yes')).toEqual([
      ['think', '<think>\n'],
      ['code', '```html\n</think>\n```\n'],
      ['think*', 'and `</think>` too\n'],
      ['think', '</think>'],
      ['text*', 'Yes'],
    ])
  })

  it('ends an unclosed fence', () => {
    expect(parts('<think>\n```\nx\n</think>\nAnswer')).toEqual([
      ['think', '<think>\n'],
      ['code', '```\nx\n'],
      ['think', '</think>'],
      ['text*', '\nAnswer'],
    ])
  })

  it('ends at its last tag, even in a fence', () => {
    expect(parts('<think>\n```\nx</think>\nAnswer\n```\ny').slice(1, 3)).toEqual([
      ['code', '```\nx'],
      ['think', '</think>'],
    ])
  })

  it.each([
    'Use ```` <think> ```` here.',
    'Write `<think>` and `</think>` around it.',
    'Write it between <think> and </think> tags.',
    'An end </think> without a beginning',
    'Escaped \\<think> tag',
  ])('is not opened by a tag that is only named: %s', (content) => {
    expect(parts(content)).toEqual([['text*', content]])
  })

  it('reads the empty thinking that switched-off models write', () => {
    expect(parts('<think>\n\n</think>\n\nYes.')).toEqual([
      ['think', '<think>\n'],
      ['think', '\n'],
      ['think', '</think>'],
      ['text*', '\n\nYes.'],
    ])
  })
})

describe('messages', () => {
  it('are one call when an assistant writes nothing but JSON', () => {
    const call = '[{"name": "f", "arguments": {"city": "Cairo"}}]\n'
    expect(parts(call)).toEqual([['tool_call', call]])
    expect(parts(`<think>\nHm.</think>${call}`).at(-1)).toEqual(['tool_call', call])
    expect(parts(call, 'user')).toEqual([['text*', call]])
    expect(parts('[note] A remark [end]')).toEqual([['text*', '[note] A remark [end]']])
  })

  it('are kept without a letter', () => {
    expect(parts('42 + 1 = 43 ✓')).toEqual([['text', '42 + 1 = 43 ✓']])
    expect(parts('', 'user')).toEqual([['text', '']])
  })

  it('of call-only datasets have prose only in what people ask', () => {
    const turns = [...chatTurns('toolcall_bfcl'), ...chatTurns('toolcall_python')]
    const kinds = (role: Role) =>
      turns.filter((turn) => turn.role === role).map((turn) => parseMessage(role, turn.content).map(({ kind }) => kind))
    expect(kinds('assistant').flat()).not.toContain('translate')
    expect(kinds('user').every((kinds) => kinds.includes('translate'))).toBe(true)
    expect(kinds('user').length).toBe(176)
  })

  it('keep all markup of the sample rows out of translation', () => {
    const translated = chatTurns().flatMap((turn) =>
      parseMessage(turn.role, turn.content).filter((part) => part.kind === 'translate'),
    )
    const leaks = translated.filter(({ text }) => /^ {0,3}```|<think>|<tool_response>|\[asy\]/m.test(text))
    expect(leaks).toEqual([])
    expect(translated.filter(({ text }) => /<\/?tool_call>|<\/?tools>/.test(text)).map(({ type }) => type)).toEqual([
      'system',
      'system',
    ])
  })

  it.each([
    ['think_s1k', { 'text*': 10, text: 1, think: 6, 'think*': 3, math: 5 }],
    ['code_humaneval', { 'text*': 40, code: 80 }],
    ['math_latex', { 'text*': 462, text: 60, math: 462 }],
    ['multi_turn', { 'text*': 254, code: 11 }],
    ['table_qa', { 'text*': 120 }],
    ['systemchats', { 'system*': 25, 'text*': 50 }],
    ['toolcall_bfcl', { 'text*': 110, text: 34, tool_call: 144 }],
    ['toolcall_glaive', { 'text*': 375, tool_call: 53, tool_response: 53, code: 20 }],
    ['toolcall_hermes', { 'system*': 5, 'text*': 6, tools: 3, tool_call: 4, tool_response: 1 }],
    ['toolcall_python', { 'text*': 66, code: 66 }],
    [
      'toolcall_think',
      { 'system*': 34, 'text*': 84, text: 44, think: 138, 'think*': 70, tool_call: 44, tool_response: 24, code: 3 },
    ],
  ])('in the dialect of %s have the parts they are known to have', (file, expected) => {
    const counts: Record<string, number> = {}
    for (const turn of chatTurns(file)) {
      for (const [type] of parts(turn.content, turn.role)) counts[type] = (counts[type] ?? 0) + 1
    }
    expect(counts).toEqual(expected)
  })
})
