import type { IncomingMessage } from 'node:http'
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
