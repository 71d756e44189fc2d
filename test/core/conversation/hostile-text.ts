import fc from 'fast-check'

const snippets = [
  ...['<think>', '<think>\n', '</think>', '<tool_call>', '</tool_call>', '<tools>', '</tools>'],
  ...['<tool_response>', '</tool_response>', '{"a": "</tool_call>"}', "{'b': 'it\\'s </think>'}", '{"c": "', "['"],
  ...['```', '````', '~~~', '```python\n', '\n```\n', '\n~~~~\n', '\n    ```\n', '\n> ```\n', '- ```js\n', '`', '``'],
  ...['$$', '$', '$$$$', '\\[', '\\]', '\\\\[', '\\(', '\\)', '[asy]', '[/asy]', '\\begin{align}', '\\end{align}'],
  ...['\\begin{itemize}', '\\end{itemize}', '\\begin{matrix}', '\\end{matrix}', '\\', '\n', '\r\n', '\n\n', ' ', '\t'],
  ...[
    'Hello, world. ',
    'A sentence! ',
    'price ',
    '12',
    '3.5',
    'مرحبا',
    '中文字',
    'é',
    'e\u0301',
    ' \u0301',
    '\n\u0301',
    '\u202e',
    '\u2067',
  ],
  ...[
    '\u200f',
    '👨‍👩‍👧‍👦',
    '🇪🇬🇸🇦',
    '👍🏽',
    'क्षि',
    '한',
    '\ud800',
    '\udc00',
    '\u0000',
    '\ufeff',
    '\u0085',
    '\u00a0',
    '\u0600',
  ],
]

/** Texts made of markup that is nested, unbalanced or broken, of difficult characters, and of ordinary words. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...snippets) }, fc.string({ unit: 'binary', maxLength: 6 })),
    {
      maxLength: 60,
    },
  )
  .map((pieces) => pieces.join(''))
