import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { guessShape } from '../../../services/ingest/guess-shape.ts'
import { starterPipeline } from '../../../services/ingest/starter-pipeline.ts'
import { parsePipeline } from '../../../services/load-config.ts'
import { root } from '../../system/kalam.ts'
import { parquetFile, parquetRow } from './parquet-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'kalam-guess-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const file = (name: string, content: string | Uint8Array) => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}
const jsonl = (...rows: unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('')
const hello = { messages: [{ role: 'user', content: 'Hello' }] }

/** What `kalam init` writes for a file, checked as a run checks it. */
const written = async (path: string) => {
  const guess = await guessShape(path)
  const text = starterPipeline(path, join(folder, 'pipeline.yaml'), guess)
  return { guess, text, config: parsePipeline(text, 'pipeline.yaml', { base: folder, env: {} }) }
}

describe('guessShape', () => {
  it.each(readdirSync(join(root, 'test/data/chat')))(
    'knows the smoltalk2 shape of %s, and its pipeline is sound',
    async (name) => {
      const { guess, config } = await written(join(root, 'test/data/chat', name))
      expect(guess).toMatchObject({ columns: undefined, bad: [] })
      expect(guess.parsed).toBe(guess.read)
      expect(config.sources[0]).toMatchObject({ name: name.replace('.jsonl', '') })
    },
  )

  it.each([
    ['bfcl_rows', { messages: 'question.0' }],
    ['dpo_rows', { messages: 'conversations', role: 'from', content: 'value', assistant: 'chosen' }],
    ['fetaqa_rows', { user: 'question', assistant: 'answer' }],
    ['glaive_rows', { messages: 'conversations', role: 'from', content: 'value', tools: 'tools' }],
    ['mtbench_questions', { user: 'turns.0' }],
    ['reason_tool_use_rows', { messages: 'messages', tools: 'tools' }],
    ['s1k_rows', { user: 'question', assistant: 'gemini_attempt', think: 'gemini_thinking_trajectory' }],
    ['skyt1_math500_rows', { user: 'question', assistant: 'solution' }],
  ])('finds the columns of %s, and its pipeline is sound', async (name, columns) => {
    const { guess, config } = await written(join(root, 'test/data/raw', `${name}.jsonl`))
    expect(guess).toMatchObject({ columns, bad: [] })
    expect(guess.parsed).toBe(guess.read)
    expect(config.sources[0]?.columns).toMatchObject(columns)
  })

  const asked = [{ role: 'user', content: 'Why?' }]
  const told = [{ role: 'assistant', content: 'So.' }]
  const worse = [{ role: 'assistant', content: 'No.' }]
  it.each([
    ['a list below other keys', { data: { thread: [...asked, ...told] } }, { messages: 'data.thread' }],
    [
      'alpaca rows',
      { instruction: 'Sum up', input: 'It rained.', output: 'Rain.' },
      { user: 'instruction', context: 'input', assistant: 'output' },
    ],
    [
      'an answer chosen of two',
      { prompt: 'Why?', chosen: 'So.', rejected: 'No.' },
      { user: 'prompt', assistant: 'chosen' },
    ],
    [
      'whole conversations, one of them chosen',
      { rejected: [...asked, ...worse], prompt: 'Why?', chosen: [...asked, ...told] },
      { messages: 'chosen' },
    ],
    [
      'messages of a question, and lists of the answers',
      { prompt: asked, rejected: worse, chosen: told },
      { messages: 'prompt', assistant: 'chosen.0' },
    ],
    [
      'messages of a question, and a completion',
      { prompt: asked, completion: told },
      { messages: 'prompt', assistant: 'completion.0' },
    ],
  ])('finds %s', async (name, row, columns) => {
    const { guess, config } = await written(file(`${name.replaceAll(' ', '-')}.jsonl`, jsonl(row, row)))
    expect(guess).toMatchObject({ columns, parsed: 2, bad: [] })
    expect(guess.columns).not.toHaveProperty('system')
    expect(guess.examples[0]?.turns.map(({ role }) => role)).toEqual(['user', 'assistant'])
    expect(guess.examples[0]?.turns[1]?.content).toMatch(/^(So|Rain)\.$/)
    expect(config.sources[0]?.columns).toMatchObject(columns)
  })

  it('reads Parquet, gzip and a folder', async () => {
    mkdirSync(join(folder, 'set'), { recursive: true })
    for (const path of [
      file('rows.parquet', parquetFile([parquetRow(0), parquetRow(1)])),
      file('rows.jsonl.gz', gzipSync(jsonl(hello, hello))),
      join(file('set/train-00000-of-00001.jsonl', jsonl(hello, hello)), '..'),
    ]) {
      const { guess, config } = await written(path)
      expect(guess).toMatchObject({ columns: undefined, read: 2, parsed: 2 })
      expect(config.sources[0]?.name).toMatch(/^rows$|^set$/)
    }
  })

  it('looks beyond a first row that is odd, and counts the bad ones by reason', async () => {
    const pair = { question: 'Why?', answer: 'So.' }
    const path = file('odd.jsonl', `{\n${jsonl({ id: 1 }, pair, pair, { question: null, answer: 'x' })}`)
    const { guess } = await written(path)
    expect(guess).toMatchObject({ columns: { user: 'question', assistant: 'answer' }, read: 5, parsed: 2 })
    expect(guess.bad).toEqual([
      { reason: 'invalid_json', detail: expect.stringContaining('JSON'), count: 1 },
      { reason: 'missing_messages', detail: 'the row has no question; it has id', count: 1 },
      { reason: 'null_messages', detail: 'question is null', count: 1 },
    ])
  })

  it.each([
    ['the smoltalk2 shape', (n: number) => ({ ...hello, topic_id: 1, row_id: `a-${n}` }), '# columns: { id: row_id }'],
    ['other columns', (n: number) => ({ question: 'Why?', answer: 'So.', doc_id: `d${n}`, id: n }), '#   id: id'],
  ])('shows how rows are known by their own ids, in %s', async (name, row, shown) => {
    const { guess, text, config } = await written(file(`ids of ${name}.jsonl`, jsonl(row(1), row(2), row(3))))
    expect(text).toContain(`of which none may come twice:\n    ${shown}\n`)
    expect(config.sources[0]!.columns?.id).toBeUndefined()
    const commentsTaken = text.replace(/# (columns: \{ id| {2}id:)/, '$1')
    expect(parsePipeline(commentsTaken, 'pipeline.yaml').sources[0]!.columns).toMatchObject({
      ...guess.columns,
      id: guess.idColumn,
    })
  })

  it.each([
    ['come again', [1, 2, 1]],
    ['are missing', [1, undefined, 3]],
    ['are no ids', ['a b', 'c', 'd']],
  ])('shows no ids that %s', async (what, ids) => {
    const { guess, text } = await written(file(`${what}.jsonl`, jsonl(...ids.map((id) => ({ ...hello, id })))))
    expect(guess.idColumn).toBeUndefined()
    expect(text).not.toContain('their own ids')
  })

  it('leaves columns to be filled in where no row is a conversation', async () => {
    const path = file('numbers.jsonl', jsonl({ x: 1 }, { x: 2 }))
    const guess = await guessShape(path)
    expect(guess).toMatchObject({ read: 2, parsed: 0, examples: [], outline: ['x  a number'] })
    const text = starterPipeline(path, join(folder, 'pipeline.yaml'), guess)
    expect(text).toContain('# columns: { user: question, context: passage, assistant: answer')
    expect(() => parsePipeline(text, 'pipeline.yaml')).toThrow(
      'sources[0].columns.messages: name the column of the list of messages',
    )
    const filled = text.replace('columns: { messages: "" }', 'columns: { messages: x }')
    expect(parsePipeline(filled, 'pipeline.yaml').sources[0]?.columns?.messages).toBe('x')
  })

  it.each([
    ['My data (v1.2) – é.jsonl', 'My_data__v1_2_____', 'my-data-v1-2'],
    [`${'x'.repeat(150)}.jsonl`, 'x'.repeat(100), 'x'.repeat(40)],
    ['.jsonl', '_', 'pipeline'],
    ['2024.jsonl', '2024', '2024'],
    ['null.jsonl', 'null', 'null'],
    ['-.jsonl', '-', 'pipeline'],
    ['"#: x.jsonl', '____x', 'x'],
  ])('makes names that pipelines may have of %s', async (name, source, pipeline) => {
    const { config } = await written(file(name, jsonl(hello)))
    expect(config.pipeline).toBe(pipeline)
    expect(config.sources[0]).toMatchObject({ name: source, path: name })
  })

  it.each([
    ['none.jsonl', undefined, /there is no such file$/, /Name a data file/],
    [
      'table.csv',
      'a,b\n',
      /kalam reads \.jsonl, .*\.parquet$/,
      /pandas\.read_csv\('.*table\.csv'\)\.to_json\('.*table\.jsonl'/,
    ],
    ['list.json', '[]', /kalam reads/, /jq -c '\.\[\]' .*list\.json > .*list\.jsonl/],
    ['lines.json', '{"a":1}\n{"a":2}\n', /kalam reads/, /mv .*lines\.json .*lines\.jsonl/],
    ['list.jsonl', '[\n{"a":1},\n{"a":2}\n]', /it is one list/, /jq -c '\.\[\]' .*list\.jsonl > .*list-lines\.jsonl$/],
    ['chat.txt', 'Hi', /kalam reads/, /one JSON object a line/],
    ['empty.jsonl', '', /there are no rows in it$/, /one JSON object a line, and Parquet/],
    ['blank.jsonl', '\n\n', /there are no rows in it$/, /Parquet/],
  ])('says of %s what is wrong and what to do', async (name, content, message, hint) => {
    const path = content === undefined ? join(folder, name) : file(name, content)
    await expect(guessShape(path)).rejects.toMatchObject({
      code: 'missing_file',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    })
  })

  it('says of a folder without data files that there are no rows', async () => {
    mkdirSync(join(folder, 'nothing'))
    await expect(guessShape(join(folder, 'nothing'))).rejects.toMatchObject({
      message: expect.stringMatching(/nothing: there are no rows in it$/),
    })
  })
})
