import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { type JsonlOptions, jsonlRows } from '../../../services/ingest/jsonl-reader.ts'
import type { SourceRow } from '../../../services/ingest/source-reader.ts'

/** A folder that is removed after the tests of the file; returns the path of a file written into it. */
export const fileFolder = (): ((name: string, content: string | Uint8Array) => string) => {
  const folder = mkdtempSync(join(tmpdir(), 'kalam-ingest-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return (name, content) => {
    writeFileSync(join(folder, name), content)
    return join(folder, name)
  }
}

/** All rows of batches. */
export const allRows = async (batches: AsyncIterable<SourceRow[]>): Promise<SourceRow[]> => {
  const rows: SourceRow[] = []
  for await (const batch of batches) rows.push(...batch)
  return rows
}

/** All rows of a JSONL file from its beginning, unless told otherwise. */
export const readJsonl = (path: string, options: Partial<JsonlOptions> = {}): Promise<SourceRow[]> =>
  allRows(
    jsonlRows({
      path,
      gzip: path.endsWith('.gz'),
      from: 0,
      line: 1,
      maxLineBytes: 2 ** 20,
      follow: false,
      signal: new AbortController().signal,
      ...options,
    }),
  )

/** A row in short: its line with its value, or with why it is bad. */
export const inShort = (row: SourceRow): [number, unknown] => [row.line, 'value' in row ? row.value : row.bad.reason]
