import type { Codec } from '../../dataflow/codec.ts'
import type { OutputRecord } from '../../dataflow/log.ts'
import { partitionOf } from '../../dataflow/place.ts'
import type { DeadLetter, SourceCheckpoint } from '../../schemas/records.ts'
import type { SourceConfig } from '../config.ts'
import type { TopicNames } from '../topics.ts'
import { conversationRecords } from './conversation-records.ts'
import { addRows, type Checkpoints } from './read-checkpoints.ts'
import { ownSplit, rowToConversation } from './row-to-conversation.ts'
import type { SourceFile, SourceRow } from './source-reader.ts'

const deadLetterBytes = 64 * 2 ** 10

/** What becoming records depends on, for all rows of a source. */
export interface RowContext {
  source: SourceConfig
  codec: Codec
  topics: TopicNames
  partitions: number
  conversationBytes: number
  /** Whether the row at a position of a split, as `<source>/<split>`, is taken; all are without it. */
  isChosen?: ((place: string, position: number) => boolean) | undefined
  now(): number
}

/** What has been read so far; rows add to it. */
export interface ReadSoFar {
  checkpoints: Checkpoints
  /** Ids that rows took; undefined where ids are positions. */
  ids: Set<string> | undefined
}

/**
 * The records of one row: its conversation's messages, or one dead letter that says why there is none. Counts the row in
 * `state` and `soFar`.
 */
export const rowOutputs = (
  context: RowContext,
  file: SourceFile,
  row: SourceRow,
  state: SourceCheckpoint,
  soFar: ReadSoFar,
): OutputRecord[] => {
  const { source, codec, topics, partitions, conversationBytes, now } = context
  const { checkpoints, ids } = soFar
  const split = source.split ?? ('value' in row ? ownSplit(row.value) : undefined) ?? file.split
  const before = checkpoints.rowsOfSplit.get(split) ?? 0
  const position = String(before)
  addRows(checkpoints.rowsOfSplit, split, 1)
  checkpoints.rowsOfSource++
  state.split_rows[split] = (state.split_rows[split] ?? 0) + 1
  state.file_rows++
  state.byte = row.next
  state.line = row.line + 1
  if (context.isChosen && !context.isChosen(`${source.name}/${split}`, before)) {
    state.dropped++
    return []
  }
  const bad = (reason: string, detail: string, rowId = position): OutputRecord[] => {
    state.bad++
    return [deadLetter(context, { file, row, reason, detail, split, rowId })]
  }
  if ('bad' in row) return bad(row.bad.reason, row.bad.detail)
  const parsed = rowToConversation(row.value, source, { conversationBytes })
  if (!parsed.ok) return bad(parsed.reason, parsed.detail)
  const rowId = parsed.rowId ?? position
  const id = `${source.name}/${split}/${rowId}`
  if (ids?.has(id)) return bad('duplicate_id', `another row of this split has the id ${rowId}`, rowId)
  ids?.add(id)
  state.selected++
  return conversationRecords({
    codec,
    topic: topics.messages,
    partition: partitionOf(id, partitions),
    timestamp: now(),
    id,
    source: source.name,
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
  { codec, topics, source, partitions, now }: RowContext,
  found: { file: SourceFile; row: SourceRow; reason: string; detail: string; split: string; rowId: string },
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
    body: Buffer.from(rawOf(found.row).subarray(0, deadLetterBytes)),
  }
  return {
    topic: topics.deadLetters,
    partition: partitionOf(key, partitions),
    key,
    value: codec.encode('DeadLetter', body),
    headers: { ordinal: '0', index: '0', count: '1' },
    timestamp: now(),
  }
}
