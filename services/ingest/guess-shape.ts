import { readdirSync, statSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import type { Turn } from '../../core/conversation/model.ts'
import { KalamError } from '../../dataflow/error.ts'
import { type SourceConfig, sourceSchema } from '../config.ts'
import { candidateShapes } from './candidate-shapes.ts'
import { dataExtensions, isDataFile } from './file-names.ts'
import { filesSource } from './files-source.ts'
import { idColumnOf } from './id-column.ts'
import { refuseOtherFile } from './refuse-other-file.ts'
import { rowOutline } from './row-outline.ts'
import { rowToConversation } from './row-to-conversation.ts'
import type { SourceRow } from './source-reader.ts'

/** What the rows of a file look like. */
export interface ShapeGuess {
  /** Undefined = the smoltalk2 shape. */
  columns: Record<string, unknown> | undefined
  /** A column that seems to hold the rows' own ids. */
  idColumn: string | undefined
  description: string
  read: number
  parsed: number
  examples: { turns: Turn[] }[]
  bad: { reason: string; detail: string; count: number }[]
  /** What the rows have, a line for each path; empty where they could be read. */
  outline: string[]
}

const lookedAt = 100
const shown = 3
const lineBytes = 32 * 2 ** 20
const conversationBytes = 8 * 2 ** 20

/**
 * Looks at the first 100 rows of a file or folder and finds the columns that most of them parse with. KalamError
 * missing_file when it cannot be read, with what to do about it.
 */
export const guessShape = async (file: string): Promise<ShapeGuess> => {
  const path = resolve(file)
  refuseOtherFile(file)
  const rows = await firstRows(path)
  if (rows.length === 0) {
    throw new KalamError('missing_file', `looking at ${file}: there are no rows in it`, {
      hint: `kalam reads files with one JSON object a line, and Parquet: ${dataExtensions.join(', ')}`,
    })
  }
  const values = rows.flatMap((row) => ('value' in row ? [row.value] : []))
  const tried = candidateShapes(values).map(({ columns, description }) => {
    const results = values.map((value) => rowToConversation(value, sourceOf(path, columns), { conversationBytes }))
    const parsed = results.flatMap((result) => (result.ok ? [result.turns] : []))
    const answered = parsed.filter((turns) => turns.at(-1)?.role === 'assistant').length
    const asked = parsed.filter((turns) => turns.some(({ role }) => role === 'user')).length
    const beside = Object.keys(columns ?? {}).filter((name) => name === 'tools' || name === 'system').length
    return { columns, description, results, parsed: parsed.length, rank: [parsed.length, answered, asked, beside] }
  })
  const best = tried.reduce((a, b) => (isAbove(b.rank, a.rank) ? b : a))
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
    idColumn: idColumnOf(values),
    description: best.description,
    read: rows.length,
    parsed: best.parsed,
    examples: best.results.flatMap((result) => (result.ok ? [{ turns: result.turns }] : [])).slice(0, shown),
    bad: [...bad.values()],
    outline: best.parsed > 0 ? [] : rowOutline(values),
  }
}

/** Whether a list of numbers is above another: by the first place at which they differ. */
const isAbove = (a: number[], b: number[]): boolean => {
  const place = a.findIndex((value, i) => value !== b[i])
  return place >= 0 && a[place]! > b[place]!
}

const sourceOf = (path: string, columns?: Record<string, unknown>): SourceConfig =>
  sourceSchema.parse({ name: 'data', path: basename(path), ...(columns && { columns }) })

const firstRows = async (path: string): Promise<SourceRow[]> => {
  const options = { base: dirname(path), maxLineBytes: lineBytes, follow: false }
  const reader = filesSource(sourceOf(path), options)
  const stop = new AbortController()
  const rows: SourceRow[] = []
  if (statSync(path).isDirectory() && !readdirSync(path, { recursive: true }).some((name) => isDataFile(String(name))))
    return []
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
