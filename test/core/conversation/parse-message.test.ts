import { describe, expect, it } from 'vitest'
import type { Role } from '../../../core/conversation/model.ts'
import { parseMessage } from '../../../core/conversation/parse-message.ts'
import { chatTurns } from './chat-turns.ts'

/** The parts as [type, text], translated ones marked with a star. */
function parts(content: string, role: Role = 'assistant'): [string, string][] {
  return parseMessage(role, content).map(({ type, kind, text }) => [kind === 'translate' ? `${type}*` : type, text])
}

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

describe('fenced code', () => {
  it('is one part with its fence lines', () => {
    expect(parts('See:\n```python\nprint(1)\n```\nDone.')).toEqual([
      ['text*', 'See:\n'],
      ['code', '```python\nprint(1)\n```\n'],
      ['text*', 'Done.'],
    ])
  })

  it.each([
    ['of the same length inside a longer one', '````md\n```py\nx\n```\n````\n'],
    ['of the other character', '~~~\n```\n~~~\n'],
    ['with an info string', '```\n```py\n```\n'],
    ['indented by four', '```\ndef f():\n    ```\n```\n'],
    ['in a list', '   - ```sh\n     ls\n     ```\n'],
    ['in a block quote', '> ```\n> x\n> ```\n'],
    ['with Windows line breaks', '```\r\nx\r\n```\r\n'],
    ['with thinking and tool tags', '```xml\n<think>\n<tool_call>\n```\n'],
  ])('is not closed too early by a fence %s', (_name, code) => {
    expect(parts(`A\n${code}Z`)).toEqual([
      ['text*', 'A\n'],
      ['code', code],
      ['text*', 'Z'],
    ])
  })

  it('goes on to the end when unclosed', () => {
    expect(parts('Look:\n```\nx = 1\nprint(x)')[1]).toEqual(['code', '```\nx = 1\nprint(x)'])
  })

  it('does not open in mid-line or with backticks behind it', () => {
    expect(parts('a ```b``` c')).toEqual([['text*', 'a ```b``` c']])
    expect(parts('```b``` c')).toEqual([['text*', '```b``` c']])
  })
})

describe('display mathematics', () => {
  it.each([
    '$$x = 1$$',
    '$$\n\\frac{1}{2}\n$$',
    '\\[ y \\]',
    '\\[ \\begin{matrix} a \\\\[2pt] b \\end{matrix} \\]',
    '[asy]\ndraw((0,0)--(1,1));\n[/asy]',
    '\\begin{align*}\na &= b\n\n\\end{align*}',
    '\\begin{cases} x \\begin{cases} y \\end{cases} \\end{cases}',
  ])('is kept: %s', (math) => {
    expect(parts(`So ${math} holds.`)).toEqual([
      ['text*', 'So '],
      ['math', math],
      ['text*', ' holds.'],
    ])
  })

  it.each([
    'From $$ to $$$$ a meal',
    'The price is $$ in the village and $$ in the town.',
    'One $$ here = 1.\n\nOne $$ there = 2.',
    'An unclosed \\[ x = 1',
    'Two \\[ then \\[ x',
    'A note \\[citation needed\\] here',
    'Inline \\(x\\) and $y$',
    'A break \\\\[2pt] and \\]',
    '\\begin{itemize}\n\\item Water the flowers\n\\end{itemize}',
    'Write \\begin{align} first',
    'Picture [asy] without an end',
    'The shell variable `$$` or `$$`',
  ])('is not seen in: %s', (content) => {
    expect(parts(content)).toEqual([['text*', content]])
  })
})

describe('tool blocks', () => {
  it.each([
    '<tool_call>\n{"name": "f", "arguments": {"x": "</tool_call>"}}\n</tool_call>',
    "<tool_call>\n{'name': 'f', 'arguments': {'x': \"it's </tool_call>\"}}\n</tool_call>",
    "<tool_call>[{'name': 'f'}]</tool_call>",
    '<tool_call>\nf(x=1)\n</tool_call>',
    '<tool_call>{"x": "<tool_call>"}</tool_call>',
    "<tool_call>{'x': 'it's'}</tool_call>",
  ])('are calls: %s', (call) => {
    expect(parts(`I ask.\n${call}\nThat's it.`)).toEqual([
      ['text*', 'I ask.\n'],
      ['tool_call', call],
      ['text*', "\nThat's it."],
    ])
  })

  it('stay apart when the payload of the first is broken', () => {
    const calls = ["<tool_call>{'x': 'it's'}</tool_call>", '<tool_call>{"y": 1}</tool_call>']
    expect(parts(`${calls[0]}\nDon't\n${calls[1]}`).filter(([type]) => type === 'tool_call')).toEqual(
      calls.map((call) => ['tool_call', call]),
    )
  })

  it('end with the text when the payload is cut off, and behind it when only the tag is missing', () => {
    expect(parts('<tool_call>{"name": "f", "arg')).toEqual([['tool_call', '<tool_call>{"name": "f", "arg']])
    expect(parts('<tool_call>{"name": "f"} and now?')).toEqual([
      ['tool_call', '<tool_call>{"name": "f"}'],
      ['text*', ' and now?'],
    ])
  })

  it('are text when the tag is only named', () => {
    const content = 'Put calls within <tool_call></tool_call> tags, see <tools>, or <tool_call> and </tool_call>.'
    expect(parts(content, 'system')).toEqual([['system*', content]])
  })

  it('hold tool schemas and responses', () => {
    expect(parts('Tools: <tools>[{"name": "f"}]</tools> Use them.', 'system')).toEqual([
      ['system*', 'Tools: '],
      ['tools', '<tools>[{"name": "f"}]</tools>'],
      ['system*', ' Use them.'],
    ])
    expect(parts('<tool_response>\nOK, done\n</tool_response>\n<tool_response>2</tool_response>', 'user')).toEqual([
      ['tool_response', '<tool_response>\nOK, done\n</tool_response>'],
      ['text', '\n'],
      ['tool_response', '<tool_response>2</tool_response>'],
    ])
  })

  it('take the whole message of a tool', () => {
    expect(parts('It rains. <think>', 'tool')).toEqual([['tool_response', 'It rains. <think>']])
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
