import { describe, expect, it } from 'vitest'
import { parts } from './parts.ts'

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

  it('ends with the block quote that it is in', () => {
    expect(parts('> ```\n> x = 1\n\nAll this is text again.')).toEqual([
      ['code', '> ```\n> x = 1\n'],
      ['text*', '\nAll this is text again.'],
    ])
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
    'An escaped \\[bracket around 2 words or more\\] here',
    'Cost: $$5 per unit and 6$$',
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
