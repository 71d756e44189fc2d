import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type SourceConfig, sourceSchema } from '../../../services/config.ts'
import { ownSplit, rowToConversation } from '../../../services/ingest/row-to-conversation.ts'
import { root } from '../../system/kalam.ts'

const source = (columns?: object): SourceConfig =>
  sourceSchema.parse({ name: 's', path: 'x.jsonl', ...(columns && { columns }) })
const conversationBytes = 4 * 2 ** 20
const map = (row: unknown, columns?: object) => rowToConversation(row, source(columns), { conversationBytes })
const good = (row: unknown, columns?: object) => {
  const found = map(row, columns)
  if (!found.ok) throw new Error(`${found.reason}: ${found.detail}`)
  return found
}
const hello = [{ role: 'user', content: 'Hello' }]

describe('a row of the smoltalk2 shape', () => {
  it('gives its turns, its template arguments in their own order, and its other columns as JSON', () => {
    const row = {
      messages: [
        { role: 'system', content: '' },
        { role: 'user', content: 'Hi \r\n there' },
        { role: 'assistant', content: '<think>\nx\n</think>\nHello' },
        { role: 'tool', content: '[1]' },
      ],
      chat_template_kwargs: { xml_tools: ['t'], custom_instructions: null, enable_thinking: true },
      source: 'smol',
      score: 0.1,
      tags: ['a', null],
      nothing: null,
    }
    expect(good(row)).toEqual({
      ok: true,
      turns: row.messages,
      chatTemplateKwargs: '{"xml_tools":["t"],"custom_instructions":null,"enable_thinking":true}',
      columns: { source: '"smol"', score: '0.1', tags: '["a",null]', nothing: 'null' },
    })
  })

  it('has no template arguments where the column is null or missing', () => {
    expect(good({ messages: hello }).chatTemplateKwargs).toBeNull()
    expect(good({ messages: hello, chat_template_kwargs: null }).chatTemplateKwargs).toBeNull()
  })

  it('keeps further keys of its messages', () => {
    const messages = [...hello, { role: 'assistant', content: 'Hi', name: 'Bo', weight: 0 }]
    expect(good({ messages }).columns).toEqual({ _message_keys: '[{},{"name":"Bo","weight":0}]' })
  })

  it('makes lone surrogates well-formed and says so, in texts and in names of columns', () => {
    const { turns, columns } = good({ messages: [{ role: 'user', content: 'a\ud800b\udc00 😀' }], 'x\udfff': 1 })
    expect(turns[0]?.content).toBe('a\ufffdb\ufffd 😀')
    expect(columns).toEqual({ 'x\ufffd': '1', _repaired: 'true' })
    expect(good({ messages: hello }).columns).toEqual({})
  })
})

describe('a bad row', () => {
  it.each([
    ['missing_messages', {}, 'the row has no messages; it has no columns'],
    ['missing_messages', { text: 'x', id: 1 }, 'the row has no messages; it has text, id'],
    ['null_messages', { messages: null }, 'messages is null'],
    ['empty_conversation', { messages: [] }, 'the conversation has no messages'],
    ['wrong_type', [1], 'the row is a list, not an object'],
    ['wrong_type', null, 'the row is null, not an object'],
    ['wrong_type', { messages: 'Hello' }, 'messages is a text, not a list'],
    ['wrong_type', { messages: { role: 'user' } }, 'messages is an object, not a list'],
    ['wrong_type', { messages: ['Hello'] }, 'message 0 is a text, not an object'],
    ['wrong_type', { messages: [null] }, 'message 0 is null, not an object'],
    ['wrong_type', { messages: [...hello, { content: 'x' }] }, 'role of message 1 is missing, not a text'],
    ['wrong_type', { messages: [{ role: 1, content: 'x' }] }, 'role of message 0 is a number, not a text'],
    ['wrong_type', { messages: [{ role: 'user' }] }, 'content of message 0 is missing, not a text'],
    ['wrong_type', { messages: [{ role: 'user', content: null }] }, 'content of message 0 is null, not a text'],
    ['wrong_type', { messages: [{ role: 'user', content: 7 }] }, 'content of message 0 is a number, not a text'],
    [
      'unknown_role',
      { messages: [{ role: 'human', content: 'x' }] },
      'message 0 has the role "human"; name it under columns.roles',
    ],
    [
      'unknown_role',
      { messages: [{ role: 'toString', content: 'x' }] },
      'message 0 has the role "toString"; name it under columns.roles',
    ],
  ])('is %s: %j', (reason, row, detail) => {
    expect(map(row)).toEqual({ ok: false, reason, detail })
  })

  it('is too_large above the limit, counted in UTF-8 bytes of all contents', () => {
    const messages = [
      { role: 'user', content: 'é'.repeat(500) },
      { role: 'assistant', content: '😀'.repeat(6) },
    ]
    expect(rowToConversation({ messages }, source(), { conversationBytes: 1024 }).ok).toBe(true)
    expect(rowToConversation({ messages }, source(), { conversationBytes: 1023 })).toEqual({
      ok: false,
      reason: 'too_large',
      detail: 'the conversation has 1024 bytes, at most 1023 are taken (limits.conversation_bytes)',
    })
  })

  it('is too_large where its other columns would not fit into a record', () => {
    const found = rowToConversation({ messages: hello, blob: 'x'.repeat(4000) }, source(), { conversationBytes: 1024 })
    expect(found).toMatchObject({ ok: false, reason: 'too_large' })
  })

  it('is too_deep instead of overflowing the stack', () => {
    const deep = JSON.parse(`{"messages":[],"x":${'['.repeat(5000)}${']'.repeat(5000)}}`)
    expect(map(deep)).toMatchObject({ ok: false, reason: 'too_deep' })
  })
})

describe('columns', () => {
  it('name the list, the role, the content, the id and the roles', () => {
    const row = {
      talk: [
        { who: 'Patient', says: 'It hurts' },
        { who: 'Doctor', says: 'Where?' },
        { who: 'gpt', says: 'Here' },
      ],
      key: 'row-1.a',
    }
    const roles = { Patient: 'user', Doctor: 'assistant' }
    const columns = { messages: 'talk', role: 'who', content: 'says', id: 'key', roles }
    expect(good(row, columns)).toEqual({
      ok: true,
      rowId: 'row-1.a',
      turns: [
        { role: 'user', content: 'It hurts' },
        { role: 'assistant', content: 'Where?' },
        { role: 'assistant', content: 'Here' },
      ],
      chatTemplateKwargs: null,
      columns: { key: '"row-1.a"' },
    })
  })

  it('put the system prompt first and the tools into the template arguments', () => {
    const row = { system: 'Be kind', tools: '[{"name":"f"}]', messages: hello, chat_template_kwargs: { a: 1 } }
    const found = good(row, { system: 'system', tools: 'tools' })
    expect(found.turns).toEqual([{ role: 'system', content: 'Be kind' }, ...hello])
    expect(found.chatTemplateKwargs).toBe('{"a":1,"xml_tools":["[{\\"name\\":\\"f\\"}]"]}')
    expect(found.columns).toEqual({})
  })

  it.each([undefined, null, ''])('take a system prompt and tools of %j for none', (none) => {
    const found = good({ messages: hello, system: none, tools: none }, { system: 'system', tools: 'tools' })
    expect(found.turns).toEqual(hello)
    expect(found.chatTemplateKwargs).toBeNull()
  })

  it('put reasoning in front of the answer, and none where it is null or empty', () => {
    const columns = { user: 'q', assistant: 'a', think: 't' }
    const answer = (t: unknown) => good({ q: 'Why?', a: 'So.', t }, columns).turns[1]?.content
    expect(answer('Hm')).toBe('<think>\nHm\n</think>\nSo.')
    expect(answer('')).toBe('So.')
    expect(answer(null)).toBe('So.')
  })

  it('put what a question is about behind it, and nothing where that is null or empty', () => {
    const columns = { user: 'q', context: 'c', assistant: 'a' }
    const found = (c: unknown) => good({ q: 'Sum up', c, a: 'So.' }, columns)
    expect(found('It rained.').turns[0]?.content).toBe('Sum up\n\nIt rained.')
    expect(found('It rained.').columns).toEqual({})
    for (const none of ['', null, undefined]) expect(found(none).turns[0]?.content).toBe('Sum up')
    expect(map({ q: 'Sum up', c: 7, a: 'So.' }, columns)).toMatchObject({ reason: 'wrong_type' })
  })

  it('take an answer that is a message, and keep its further keys', () => {
    const row = { q: 'Hi', chosen: { from: 'gpt', value: 'Hello', score: 9 } }
    const found = good(row, { user: 'q', assistant: 'chosen', role: 'from', content: 'value' })
    expect(found.turns[1]).toEqual({ role: 'assistant', content: 'Hello' })
    expect(found.columns).toEqual({ chosen: '{"score":9}' })
  })

  it('take whole numbers and texts as ids, and refuse what is no id', () => {
    const id = (value: unknown) => {
      const found = map({ messages: hello, id: value }, { id: 'id' })
      return found.ok ? found.rowId : found.reason
    }
    expect([0, 42, 'a_B-1.c'].map(id)).toEqual(['0', '42', 'a_B-1.c'])
    const wrong = ['', 'a/b', 'é', ' a', 1.5, 2 ** 53, null, undefined, true, {}, 'x'.repeat(201)]
    expect(wrong.map(id)).toEqual(wrong.map(() => 'invalid_id'))
  })

  it('join typed parts, with reasoning and calls in markup', () => {
    const content = [
      'Plain, ',
      { type: 'text', text: 'text' },
      { type: 'reasoning', value: 'hm' },
      { type: 'tool_call', value: { name: 'f' } },
      { type: 'tool_call', value: '{"name":"g"}' },
    ]
    expect(good({ messages: [{ role: 'assistant', content }] }).turns[0]?.content).toBe(
      'Plain, text<think>\nhm\n</think>\n<tool_call>\n{"name":"f"}\n</tool_call><tool_call>\n{"name":"g"}\n</tool_call>',
    )
    const image = { messages: [{ role: 'user', content: [{ type: 'image', value: 'x.png' }] }] }
    expect(map(image)).toEqual({
      ok: false,
      reason: 'wrong_type',
      detail: 'part 0 of content of message 0 has the type "image", not text, reasoning or tool_call',
    })
  })

  it('have calls beside their content, as the API of OpenAI has them, in markup', () => {
    const call = { id: 'c1', type: 'function', function: { name: 'f', arguments: '{"city":"Rome"}' } }
    const broken = { function: { name: 'g', arguments: '{"a' } }
    const messages = [
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'assistant', content: 'Let me see.', tool_calls: [call, broken] },
      { role: 'assistant', content: null, function_call: { name: 'h', arguments: '{}' } },
      { role: 'assistant', content: 'No call.', tool_calls: [], function_call: null },
    ]
    const rome = '<tool_call>\n{"name":"f","arguments":{"city":"Rome"}}\n</tool_call>'
    expect(good({ messages }).turns.map(({ content }) => content)).toEqual([
      rome,
      `Let me see.\n${rome}\n<tool_call>\n{"name":"g","arguments":"{\\"a"}\n</tool_call>`,
      '<tool_call>\n{"name":"h","arguments":{}}\n</tool_call>',
      'No call.',
    ])
    expect(map({ messages: [{ role: 'assistant', content: null, tool_calls: [] }] })).toMatchObject({ ok: false })
  })

  it('lead into nested columns by dots, and keep what stands beside', () => {
    const row = { data: { messages: hello, lang: 'en' }, 'a.b': 'id1' }
    expect(good(row, { messages: 'data.messages', id: 'a.b' })).toMatchObject({
      rowId: 'id1',
      turns: hello,
      columns: { data: '{"lang":"en"}', 'a.b': '"id1"' },
    })
  })
})

describe('columns beside the conversation', () => {
  it('stay, also in a list whose other places are the question and the answer', () => {
    const row = { turns: ['q', 'a', 'further', 'turns'], messages: hello }
    const found = good(row, { user: 'turns.0', assistant: 'turns.1' })
    expect(found.turns.map(({ content }) => content)).toEqual(['q', 'a'])
    expect(found.columns).toEqual({ turns: '["further","turns"]', messages: '[{"role":"user","content":"Hello"}]' })
  })
})

const rawRows = (name: string): Record<string, unknown>[] =>
  readFileSync(join(root, 'test/data/raw', name), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

describe('rows as datasets publish them', () => {
  it.each([
    ['bfcl_rows.jsonl', { messages: 'question.0', tools: 'function', id: 'id' }, /^user$/],
    [
      'dpo_rows.jsonl',
      { messages: 'conversations', role: 'from', content: 'value', assistant: 'chosen' },
      /^(system )?user( assistant user)* assistant$/,
    ],
    ['fetaqa_rows.jsonl', { user: 'question', assistant: 'answer', id: 'feta_id' }, /^user assistant$/],
    [
      'glaive_rows.jsonl',
      { messages: 'conversations', role: 'from', content: 'value', tools: 'tools' },
      /^user assistant/,
    ],
    ['mtbench_questions.jsonl', { user: 'turns.0', id: 'question_id' }, /^user$/],
    ['reason_tool_use_rows.jsonl', { tools: 'tools' }, /^system user assistant/],
    [
      's1k_rows.jsonl',
      { user: 'question', assistant: 'gemini_attempt', think: 'gemini_thinking_trajectory' },
      /^user assistant$/,
    ],
    ['skyt1_math500_rows.jsonl', { user: 'question', assistant: 'code.0', id: 'idx' }, /^user assistant$/],
  ])('of %s parse by columns, and nothing of them is lost', (name, columns, roles) => {
    const rows = rawRows(name)
    expect(rows.length).toBeGreaterThan(2)
    for (const row of rows) {
      const found = good(row, columns)
      expect(found.turns.map(({ role }) => role).join(' ')).toMatch(roles)
      const kept = JSON.stringify([found.turns, found.chatTemplateKwargs, found.columns])
      for (const text of textsIn(row)) expect(kept.replaceAll('\\', '')).toContain(escaped(text))
    }
  })
})

/** Every text in a value but roles and types, which are short, and JSON, which may come back in another layout. */
const textsIn = (value: unknown): string[] => {
  if (typeof value === 'string') return /^\s*[[{]/.test(value) || value.length < 20 ? [] : [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}
const escaped = (text: string): string => JSON.stringify(text).slice(1, -1).replaceAll('\\', '')

describe('ownSplit', () => {
  it("is the row's column split in the letters that splits may have", () => {
    expect(ownSplit({ split: 'train 1/é' })).toBe('train_1__')
    expect(ownSplit({ split: '..' })).toBe('__')
    for (const row of [{}, { split: '' }, { split: 1 }, null, ['split']]) expect(ownSplit(row)).toBeUndefined()
  })
})
