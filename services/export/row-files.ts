import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { SchemaElement } from 'hyparquet'
import { fileWriter, ParquetWriter } from 'hyparquet-writer'
import type { ExportRow } from './export-row.ts'

const groupRows = 1000
/** What is gathered for one write. */
const pendingBytes = 2 ** 20
const newline = 0x0a
const groupBytes = 8 * 2 ** 20

/** A dataset file under way. */
export interface RowFile {
  /** `json` is the row as JSON in UTF-8; it is not kept. */
  add(row: ExportRow, json: Buffer): Promise<void>
  close(): Promise<void>
}

/** One JSON object a line. */
export const jsonlFile = (path: string): RowFile => {
  mkdirSync(dirname(path), { recursive: true })
  const handle = openSync(path, 'w')
  const pending = Buffer.allocUnsafeSlow(pendingBytes)
  let filled = 0
  const flush = () => {
    writeFileSync(handle, pending.subarray(0, filled))
    filled = 0
  }
  return {
    async add(_row, json) {
      if (filled + json.length >= pendingBytes) flush()
      if (json.length >= pendingBytes) {
        writeFileSync(handle, json)
        writeFileSync(handle, '\n')
        return
      }
      pending.set(json, filled)
      filled += json.length
      pending[filled++] = newline
    },
    async close() {
      flush()
      closeSync(handle)
    },
  }
}

/** Parquet with the columns of ExportRow, row groups of at most 1,000 rows and about 8 MiB of JSON. */
export const parquetFile = (path: string): RowFile => {
  mkdirSync(dirname(path), { recursive: true })
  const writer = new ParquetWriter({ writer: fileWriter(path), schema, createdBy: 'kalam' })
  let rows: ExportRow[] = []
  let bytes = 0
  const flush = async () => {
    const columnData = columns.map((name) => ({
      name,
      data: rows.map((row) => row[name]) as unknown[],
      statistics: searched.has(name),
    }))
    if (rows.length > 0) await writer.write({ columnData, rowGroupSize: groupRows })
    rows = []
    bytes = 0
  }
  return {
    async add(row, json) {
      rows.push(row)
      bytes += json.length
      if (rows.length >= groupRows || bytes >= groupBytes) await flush()
    },
    async close() {
      await flush()
      await writer.finish()
    },
  }
}

const text = (name: string, optional = false): SchemaElement => ({
  name,
  type: 'BYTE_ARRAY',
  converted_type: 'UTF8',
  repetition_type: optional ? 'OPTIONAL' : 'REQUIRED',
})
const number = (name: string): SchemaElement => ({ name, type: 'DOUBLE', repetition_type: 'OPTIONAL' })
const int = (name: string, optional = false): SchemaElement => ({
  name,
  type: 'INT32',
  repetition_type: optional ? 'OPTIONAL' : 'REQUIRED',
})
const flag = (name: string, optional = false): SchemaElement => ({
  name,
  type: 'BOOLEAN',
  repetition_type: optional ? 'OPTIONAL' : 'REQUIRED',
})
const list = (name: string, element: SchemaElement[]): SchemaElement[] => [
  { name, repetition_type: 'REQUIRED', num_children: 1, converted_type: 'LIST' },
  { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
  ...element,
]
const struct = (name: string, fields: SchemaElement[][]): SchemaElement[] => [
  { name, repetition_type: 'REQUIRED', num_children: fields.length },
  ...fields.flat(),
]
const turns = (name: string) => list(name, struct('element', [[text('role')], [text('content')]]))

const fields: SchemaElement[][] = [
  turns('messages'),
  struct('chat_template_kwargs', [
    [text('custom_instructions', true)],
    [flag('enable_thinking', true)],
    list('python_tools', [text('element')]),
    list('xml_tools', [text('element')]),
  ]),
  [number('LR')],
  [number('SCR')],
  [number('rank_score')],
  [text('source')],
  [text('id')],
  [text('split')],
  turns('source_messages'),
  [text('winner', true)],
  [flag('keep')],
  list('reasons', [text('element')]),
  [text('why')],
  [number('margin')],
  [flag('pseudo')],
  list(
    'candidates',
    struct('element', [
      [text('line')],
      [int('place', true)],
      [number('score')],
      [flag('complete')],
      [flag('in_line')],
      [flag('pseudo')],
      list('reasons', [text('element')]),
      [text('metrics')],
    ]),
  ),
  list(
    'flags',
    struct('element', [
      [text('line')],
      [int('message_index')],
      [text('code')],
      [int('start')],
      [int('length')],
      [text('detail')],
    ]),
  ),
  [text('columns')],
]
/**
 * Columns whose least and greatest values help a reader to pass over row groups. Those of texts are of no use, and looking
 * for them takes time.
 */
const searched = new Set<keyof ExportRow>([
  ...(['LR', 'SCR', 'rank_score', 'source', 'id', 'split', 'winner', 'keep', 'margin', 'pseudo'] as const),
])
const columns = fields.map(([field]) => field!.name as keyof ExportRow)
const schema: SchemaElement[] = [{ name: 'root', num_children: fields.length }, ...fields.flat()]
