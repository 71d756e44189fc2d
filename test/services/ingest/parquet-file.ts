import { brotliCompressSync, gzipSync } from 'node:zlib'
import type { CompressionCodec, SchemaElement } from 'hyparquet'
import { parquetWriteBuffer } from 'hyparquet-writer'

/** A row with the columns of the test's Parquet files: the smoltalk2 shape and a few odd ones. */
export interface ParquetRow {
  messages: { role: string; content: string }[] | null
  chat_template_kwargs: { enable_thinking: boolean | null; xml_tools: string[] }
  number: bigint
  at: Date
  bytes: Uint8Array
}

/** A row whose texts and numbers follow from its position. */
export const parquetRow = (i: number): ParquetRow => ({
  messages: [
    { role: 'user', content: `What is ${i} squared?` },
    { role: 'assistant', content: `It is ${i * i}. ✓` },
  ],
  chat_template_kwargs: { enable_thinking: i % 2 === 0, xml_tools: i % 3 === 0 ? ['{"name":"square"}'] : [] },
  number: BigInt(i),
  at: new Date(Date.UTC(2025, 0, 1 + i)),
  bytes: Buffer.from([i, 0xff]),
})

/** The bytes of a Parquet file. */
export const parquetFile = (
  rows: ParquetRow[],
  options: { codec?: CompressionCodec; groupRows?: number } = {},
): Buffer => {
  const columns = ['messages', 'chat_template_kwargs', 'number', 'at', 'bytes'] as const
  return Buffer.from(
    parquetWriteBuffer({
      columnData: columns.map((name) => ({ name, data: rows.map((row) => row[name]) as unknown[] })),
      schema,
      codec: options.codec ?? 'SNAPPY',
      compressors: { GZIP: (bytes) => gzipSync(bytes), BROTLI: (bytes) => brotliCompressSync(bytes) },
      rowGroupSize: options.groupRows ?? 1000,
    }),
  )
}

const text = (name: string): SchemaElement => ({
  name,
  type: 'BYTE_ARRAY',
  converted_type: 'UTF8',
  repetition_type: 'OPTIONAL',
})
const schema: SchemaElement[] = [
  { name: 'root', num_children: 5 },
  { name: 'messages', repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'LIST' },
  { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
  { name: 'element', repetition_type: 'OPTIONAL', num_children: 2 },
  text('role'),
  text('content'),
  { name: 'chat_template_kwargs', repetition_type: 'OPTIONAL', num_children: 2 },
  { name: 'enable_thinking', type: 'BOOLEAN', repetition_type: 'OPTIONAL' },
  { name: 'xml_tools', repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'LIST' },
  { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
  text('element'),
  { name: 'number', type: 'INT64', repetition_type: 'OPTIONAL' },
  { name: 'at', type: 'INT64', converted_type: 'TIMESTAMP_MILLIS', repetition_type: 'OPTIONAL' },
  { name: 'bytes', type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL' },
]
