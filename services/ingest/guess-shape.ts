import { basename, dirname, resolve } from 'node:path'
import type { Turn } from '../../core/conversation/model.ts'
import { KalamError } from '../../dataflow/error.ts'
import { type SourceConfig, sourceSchema } from '../config.ts'
import { filesSource } from './files-source.ts'
import { rowToConversation } from './row-to-conversation.ts'
import type { SourceRow } from './source-reader.ts'

/** What the rows of a file look like. */
export interface ShapeGuess {
  /** Undefined = the smoltalk2 shape. */
  columns: Record<string, unknown> | undefined
  description: string
  read: number
  parsed: number
  examples: { turns: Turn[] }[]
  bad: { reason: string; detail: string; count: number }[]
}

const lookedAt = 100
const shown = 3
const lineBytes = 32 * 2 ** 20
const conversationBytes = 8 * 2 ** 20

/** Looks at the first 100 rows of a file and finds the columns that most of them parse with. KalamError missing_file. */
export const guessShape = async (file: string): Promise<ShapeGuess> => {
  const path = resolve(file)
  const base = sourceSchema.parse({ name: 'guess', path: basename(path) })
  const rows = await firstRows(base, dirname(path))
  if (rows.length === 0) throw new KalamError('config_invalid', `looking at ${file}: it has no rows`)
  const values = rows.flatMap((row) => ('value' in row ? [row.value] : []))
  const tried = candidates(values[0]).map(({ columns, description }) => {
    const source: SourceConfig = sourceSchema.parse({
      name: 'guess',
      path: basename(path),
      ...(columns && { columns }),
    })
    const results = values.map((value) => rowToConversation(value, source, { conversationBytes }))
    return { columns, description, results, parsed: results.filter(({ ok }) => ok).length }
  })
  const best = tried.reduce((a, b) => (b.parsed > a.parsed ? b : a))
  const bad = new Map<string, { reason: string; detail: string; count: number }>()
  const refuse = (reason: string, detail: string) => {
    const known = bad.get(reason)
    if (known) known.count++
    else bad.set(reason, { reason, detail, count: 1 })
  }
  for (const row of rows) if ('bad' in row) refuse(row.bad.reason, row.bad.detail)
  for (const result of best.results) if (!result.ok) refuse(result.reason, result.detail)
  return {
    columns: best.columns,
    description: best.description,
    read: rows.length,
    parsed: best.parsed,
    examples: best.results.flatMap((result) => (result.ok ? [{ turns: result.turns }] : [])).slice(0, shown),
    bad: [...bad.values()],
  }
}

const firstRows = async (source: SourceConfig, base: string): Promise<SourceRow[]> => {
  const reader = filesSource(source, { base, maxLineBytes: lineBytes, follow: false })
  const stop = new AbortController()
  const rows: SourceRow[] = []
  for (const file of await reader.files()) {
    for await (const batch of reader.rows(file, { from: 0, line: 1 }, stop.signal)) {
      rows.push(...batch)
      if (rows.length >= lookedAt) break
    }
    if (rows.length >= lookedAt) break
  }
  stop.abort()
  return rows.slice(0, lookedAt)
}

const listNames = ['messages', 'conversations', 'conversation', 'turns', 'dialog', 'dialogue', 'question.0']
const questionNames = ['question', 'prompt', 'instruction', 'input', 'query', 'user', 'problem']
const answerNames = ['answer', 'response', 'output', 'gemini_attempt', 'attempt', 'solution', 'completion', 'assistant']
const thinkNames = ['gemini_thinking_trajectory', 'thinking_trajectory', 'reasoning', 'thinking', 'think']

const candidates = (row: unknown): { columns: Record<string, unknown> | undefined; description: string }[] => {
  const names = typeof row === 'object' && row !== null ? Object.keys(row) : []
  const has = (name: string) => names.includes(name.split('.')[0]!)
  const extra = { ...(has('tools') && { tools: 'tools' }), ...(has('system') && { system: 'system' }) }
  const lists = listNames.filter(has).flatMap((messages) => [
    { columns: { messages, ...extra }, description: `a list of messages in ${messages}` },
    {
      columns: { messages, role: 'from', content: 'value', ...extra },
      description: `a list of {from, value} in ${messages} (ShareGPT)`,
    },
  ])
  const user = questionNames.find(has)
  const assistant = answerNames.find(has)
  const think = thinkNames.find(has)
  const pair = user
    ? [
        {
          columns: { user, ...(assistant && { assistant }), ...(think && { think }) },
          description: `a question in ${user}${assistant ? `, an answer in ${assistant}` : ''}${think ? `, reasoning in ${think}` : ''}`,
        },
      ]
    : []
  return [{ columns: undefined, description: 'the smoltalk2 shape: messages of {role, content}' }, ...lists, ...pair]
}
