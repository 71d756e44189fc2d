import type { Codec } from '../../dataflow/codec.ts'
import type { Log, OutputRecord, Writer } from '../../dataflow/log.ts'
import { partitionOf } from '../../dataflow/place.ts'
import type { DeadLetter, SourceCheckpoint } from '../../schemas/records.ts'
import type { SourceConfig } from '../config.ts'
import type { TopicNames } from '../topics.ts'
import { conversationRecords } from './conversation-records.ts'
import { addRows, type Checkpoints, checkpointKey, readCheckpoints } from './read-checkpoints.ts'
import { ownSplit, rowToConversation } from './row-to-conversation.ts'
import { seenIds } from './seen-ids.ts'
import type { SourceFile, SourceReader, SourceRow } from './source-reader.ts'

const commitBytes = 4 * 2 ** 20
const commitRows = 200
const deadLetterBytes = 64 * 2 ** 10

/** What reading one source needs. */
export interface IngestOptions {
  source: SourceConfig
  reader: SourceReader
  log: Log
  codec: Codec
  topics: TopicNames
  partitions: number
  conversationBytes: number
  /** Whether files may grow: then their end is not final. */
  follow: boolean
  now(): number
  signal: AbortSignal
  onProgress?(done: { rows: number; bytes: number; totalBytes: number }): void
}

/** Running sums of one file; what its next checkpoint says. */
type FileState = SourceCheckpoint

/**
 * Reads a source from its checkpoints to its end: every row becomes a conversation's messages or a dead letter,
 * written with the checkpoint behind it in one transaction.
 */
export const ingestSource = async (options: IngestOptions): Promise<void> => {
  const { source, reader, log, codec, topics, signal } = options
  const checkpoints = await readCheckpoints(log, codec, topics, source.name)
  const ids = await seenIds(log, topics, source)
  const writer = await log.writer(`${topics.messages.replace(/\.messages$/, '')}.ingest.${source.name}`)
  const files = await reader.files()
  const totalBytes = files.reduce((sum, file) => sum + file.size, 0)
  let bytesBefore = 0
  try {
    for (const file of files) {
      const state = fileState(source, file, checkpoints)
      if (!state.done) {
        await ingestFile(options, writer, file, state, checkpoints, ids, (bytes) =>
          options.onProgress?.({ rows: checkpoints.rowsOfSource, bytes: bytesBefore + bytes, totalBytes }),
        )
      }
      if (signal.aborted) return
      bytesBefore += file.size
      options.onProgress?.({ rows: checkpoints.rowsOfSource, bytes: bytesBefore, totalBytes })
    }
  } finally {
    await writer.close()
  }
}

const fileState = (source: SourceConfig, file: SourceFile, checkpoints: Checkpoints): FileState =>
  checkpoints.files.get(file.file) ?? {
    source: source.name,
    split: file.split,
    file: file.file,
    file_rows: 0,
    byte: 0,
    line: 1,
    split_rows: {},
    selected: 0,
    dropped: 0,
    bad: 0,
    done: false,
  }

const ingestFile = async (
  options: IngestOptions,
  writer: Writer,
  file: SourceFile,
  state: FileState,
  checkpoints: Checkpoints,
  ids: Set<string> | undefined,
  progress: (bytes: number) => void,
): Promise<void> => {
  const { codec, topics, signal, partitions } = options
  let outputs: OutputRecord[] = []
  let bytes = 0
  let rows = 0
  const commit = async (): Promise<void> => {
    const key = checkpointKey(state.source, state.file)
    const value = codec.encode('SourceCheckpoint', state)
    outputs.push({
      topic: topics.sources,
      partition: partitionOf(key, partitions),
      key,
      value,
      headers: {},
      timestamp: options.now(),
    })
    await writer.commit(outputs)
    outputs = []
    bytes = rows = 0
    progress(state.byte)
  }
  for await (const batch of options.reader.rows(file, { from: state.byte, line: state.line }, signal)) {
    for (const row of batch) {
      for (const record of rowOutputs(options, file, row, state, checkpoints, ids)) {
        outputs.push(record)
        bytes += record.value.length
      }
      state.byte = row.next
      state.line = row.line + 1
      state.file_rows++
      checkpoints.rowsOfSource++
      if (++rows >= commitRows || bytes >= commitBytes) await commit()
      if (signal.aborted) return
    }
  }
  if (signal.aborted) return
  state.done = !options.follow
  if (state.done || outputs.length > 0) await commit()
}

/** The records of one row: its conversation's messages, or one dead letter that says why there is none. */
const rowOutputs = (
  options: IngestOptions,
  file: SourceFile,
  row: SourceRow,
  state: FileState,
  checkpoints: Checkpoints,
  ids: Set<string> | undefined,
): OutputRecord[] => {
  const split = options.source.split ?? ('value' in row ? ownSplit(row.value) : undefined) ?? file.split
  const position = String(checkpoints.rowsOfSplit.get(split) ?? 0)
  addRows(checkpoints.rowsOfSplit, split, 1)
  state.split_rows[split] = (state.split_rows[split] ?? 0) + 1
  const bad = (reason: string, detail: string, rowId: string, raw: Uint8Array): OutputRecord[] => {
    state.bad++
    return [deadLetter(options, { file, row, reason, detail, split, rowId, raw })]
  }
  if ('bad' in row) return bad(row.bad.reason, row.bad.detail, position, row.bad.raw)
  const parsed = rowToConversation(row.value, options.source, { conversationBytes: options.conversationBytes })
  if (!parsed.ok) return bad(parsed.reason, parsed.detail, position, rawOf(row))
  const rowId = parsed.rowId ?? position
  const id = `${options.source.name}/${split}/${rowId}`
  if (ids?.has(id)) return bad('duplicate_id', `another row of this split has the id ${rowId}`, rowId, rawOf(row))
  ids?.add(id)
  state.selected++
  return conversationRecords({
    codec: options.codec,
    topic: options.topics.messages,
    partition: partitionOf(id, options.partitions),
    timestamp: options.now(),
    id,
    source: options.source.name,
    split,
    row: rowId,
    file: file.file,
    line: row.line,
    conversation: parsed,
  })
}

const rawOf = (row: SourceRow): Uint8Array =>
  'value' in row ? (row.raw ?? Buffer.from(JSON.stringify(row.value) ?? '')) : row.bad.raw

const deadLetter = (
  { codec, topics, source, partitions, now }: IngestOptions,
  found: {
    file: SourceFile
    row: SourceRow
    reason: string
    detail: string
    split: string
    rowId: string
    raw: Uint8Array
  },
): OutputRecord => {
  const key = `${source.name}/${found.split}/${found.rowId}`
  const body: DeadLetter = {
    stage: 'ingest',
    source: source.name,
    split: found.split,
    row: found.rowId,
    file: found.file.file,
    line: found.row.line,
    byte_start: found.row.byteStart,
    byte_end: found.row.byteEnd,
    reason: found.reason,
    detail: found.detail,
    verdict: 'bad',
    body: Buffer.from(found.raw.subarray(0, deadLetterBytes)),
  }
  const headers = { ordinal: '0', index: '0', count: '1' }
  return {
    topic: topics.deadLetters,
    partition: partitionOf(key, partitions),
    key,
    value: codec.encode('DeadLetter', body),
    headers,
    timestamp: now(),
  }
}
