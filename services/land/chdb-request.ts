import { writeFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import type { Session } from 'chdb'
import { messageOf } from '../../dataflow/error.ts'
import type { RowFormat } from './row-text.ts'

/** The body of a request, whole. */
export const readBody = async (request: IncomingMessage): Promise<Buffer> => {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece as Buffer)
  return Buffer.concat(pieces)
}

/** Values for the `{name:Type}` of a query, as chDB binds them. */
export const parametersOf = (url: URL): Record<string, string> => {
  const parameters: Record<string, string> = {}
  for (const [name, value] of url.searchParams)
    if (name.startsWith('param_')) parameters[name.slice('param_'.length)] = unescapeParameter(value)
  return parameters
}

const escapes: Record<string, string> = { t: '\t', n: '\n', r: '\r' }

/** The client escapes a text as a server wants it; chDB would escape it once more. */
const unescapeParameter = (value: string): string =>
  value.replace(/\\(.)/gs, (_, char: string) => escapes[char] ?? char)

/** A query without the format that the client appends to it; chDB takes it apart from it. */
export const splitFormat = (query: string): { sql: string; format: string } => {
  const found = /\s+FORMAT\s+(\w+)\s*;?\s*$/i.exec(query.slice(-64))
  return found
    ? { sql: query.slice(0, query.length - found[0].length), format: found[1]! }
    : { sql: query, format: 'TabSeparated' }
}

/** Where a query puts the rows of its body, values of these columns, and their format; undefined for any other query. */
export const insertOf = (query: string): Insert | undefined => {
  const found = /^\s*INSERT\s+INTO\s+(\w+)\s*\(([\w\s,]+)\)\s*FORMAT\s+(JSONCompactEachRow|Native)\s*$/i.exec(query)
  if (!found) return undefined
  const [, table = '', columns = '', format] = found
  return { table, columns: columns.split(',').map((name) => name.trim()), format: format as RowFormat }
}

/** An insert whose rows are the body of its request. */
export interface Insert {
  table: string
  columns: string[]
  format: RowFormat
}

/**
 * Puts the rows of a body into their table. chDB takes texts as they are; blocks it reads from a file alone, a new one at this path,
 * which stays until the next one. An error for want of disk is ClickHouse's.
 */
export const insertBody = async (
  session: Session,
  { table, columns, format }: Insert,
  body: Buffer,
  file: string,
): Promise<void> => {
  if (format === 'JSONCompactEachRow') {
    await session.insert({ table, columns, values: body, format })
    return
  }
  try {
    await writeFile(file, body)
  } catch (thrown) {
    const isFull = ['ENOSPC', 'EDQUOT'].includes((thrown as NodeJS.ErrnoException).code ?? '')
    throw isFull ? new Error(`Code: 243. DB::Exception: ${messageOf(thrown)}`) : thrown
  }
  const names = columns.join(', ')
  await session.queryAsync(`INSERT INTO ${table} (${names}) SELECT ${names} FROM file('${escaped(file)}', 'Native')
SETTINGS schema_inference_use_cache_for_file = 0`)
}

const escaped = (path: string): string => path.replace(/['\\]/g, (char) => `\\${char}`)
