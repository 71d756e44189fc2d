import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { bpeCounter } from '../../../core/tokens/bpe-counter.ts'
import { countRendered, renderLlama } from '../../../core/tokens/render-llama.ts'
import { llamaPath } from './native-count.ts'

it('renders instructions, tool schemas and a leading system turn as one system turn', () => {
  const text = renderLlama(
    [
      { role: 'system', content: ' Be brief. ' },
      { role: 'user', content: 'Hi\n' },
      { role: 'tool', content: '{}' },
    ],
    { customInstructions: 'Be kind.', xmlTools: ['{"name": "f"}'], pythonTools: ['', 'def g(): ...'] },
  )
  expect(text).toBe(
    '<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\n' +
      'Be kind.\n\n{"name": "f"}\n\ndef g(): ...\n\nBe brief.<|eot_id|>' +
      '<|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|>' +
      '<|start_header_id|>ipython<|end_header_id|>\n\n{}<|eot_id|>',
  )
})

it('renders no system turn when there is nothing for it', () => {
  expect(renderLlama([{ role: 'user', content: 'Hi' }], { customInstructions: ' ' })).toBe(
    '<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|>',
  )
})

it('leaves a later system turn at its place', () => {
  const text = renderLlama([
    { role: 'user', content: 'a' },
    { role: 'system', content: 'b' },
  ])
  expect(text.indexOf('user')).toBeLessThan(text.indexOf('system'))
})

it('costs five tokens a turn and one for the text', () => {
  const count = bpeCounter(JSON.parse(readFileSync(llamaPath, 'utf8')))
  const turns = [
    { role: 'user', content: 'Hello there' },
    { role: 'assistant', content: 'مرحبا' },
  ] as const
  expect(count(renderLlama(turns))).toBe(1 + turns.reduce((sum, turn) => sum + 5 + count(turn.content), 0))
})

it('counts what it renders, also from contents that are counted already', () => {
  const count = bpeCounter(JSON.parse(readFileSync(llamaPath, 'utf8')))
  const contents = [
    '',
    '\n\n',
    ' a\n',
    '\u0085\n b',
    'x\u0085',
    '<|eot_id|>',
    '  ',
    'مرحبا',
    '\ufeffa',
    '\r\n```js\n```',
    '1234 5',
  ]
  const roles = ['system', 'user', 'assistant', 'tool'] as const
  const turns = roles.flatMap((role) => contents.map((content) => ({ role, content })))
  for (const start of turns.keys()) {
    const some = turns.slice(start, start + 5)
    const options = { customInstructions: ' \n', xmlTools: [contents[start % 11]!], pythonTools: ['def f():\n'] }
    const known = new Map(some.map(({ content }) => [content, count(content)]))
    expect(countRendered(some, options, count, known), String(start)).toBe(count(renderLlama(some, options)))
  }
})
