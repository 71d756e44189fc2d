import { createHash } from 'node:crypto'
import type { Placed } from '../../dataflow/place.ts'
import type { DeadLetter, Message, Ranked, RecordName, Records, Scored, Translation } from '../../schemas/records.ts'

/** A row for a table of the warehouse. */
export interface TableRow {
  table: string
  row: Record<string, unknown>
}

/** Where a record stands: its line and partition. */
export interface Origin {
  line: string
  generation: number
  partition: number
}

type RowsOf<Body> = (record: Placed<Body> & { body: Body }, base: Record<string, unknown>) => TableRow[]

/** `<source>/<split>/<row>` taken apart; a row may hold slashes. */
export const splitId = (id: string): { source: string; split: string; row: string } => {
  const first = id.indexOf('/')
  const second = id.indexOf('/', first + 1)
  return { source: id.slice(0, first), split: id.slice(first + 1, second), row: id.slice(second + 1) }
}

/**
 * The warehouse rows of one record, the same ones every time; chunks have none. A record that could not be decoded has a
 * row at its place that says so.
 */
export const landRows = <Name extends RecordName>(
  name: Name,
  record: Placed<Records[Name]>,
  origin: Origin,
): TableRow[] => {
  const base = {
    line: origin.line,
    generation: origin.generation,
    ...splitId(record.id),
    partition: origin.partition,
    offset: record.offset,
  }
  if (!record.body) return undecodableRows(name, record, base)
  const rows = rowsOf[name] as RowsOf<Records[Name]> | undefined
  return rows ? rows(record as Placed<Records[Name]> & { body: Records[Name] }, base) : []
}

const messageRows: RowsOf<Message> = ({ index, count, body, timestamp }, base) => [
  { table: 'messages', row: { ...base, message_index: index, role: body.role, content: body.content } },
  ...(index === 0
    ? [
        {
          table: 'conversations',
          row: { ...base, turns: count, file: body.file, line_number: body.line, ingested_at: timeText(timestamp) },
        },
      ]
    : []),
]

/** Equal for equal texts but for outer white space, which is the source's; empty when there is no text. */
export const targetHash = (target: string | null): string =>
  target === null ? '' : createHash('sha256').update(target.trim()).digest('hex').slice(0, 16)

const translationRows: RowsOf<Translation> = ({ index, body }, base) => {
  const place = { ...base, message_index: body.message_index, chunk_index: body.chunk_index, part_type: body.part_type }
  return [
    {
      table: 'chunks',
      row: {
        ...place,
        record_index: index,
        part_index: body.part_index,
        status: body.status,
        reason: body.reason ?? '',
        start: body.start,
        chars_source: body.length,
        chars_target: body.target_text?.length ?? 0,
        target_hash: targetHash(body.target_text),
        backend: body.backend,
        attempts: body.attempts.length,
      },
    },
    ...body.attempts.map(({ at_ms, ...answer }, attempt) => ({
      table: 'calls',
      row: { ...place, attempt, ...answer, at: timeText(at_ms) },
    })),
  ]
}

const scoredRows: RowsOf<Scored> = ({ index, body }, base) => {
  const scores = (message_index: number, part_type: string, metrics: Record<string, number | null>): TableRow => ({
    table: 'scores',
    row: { ...base, message_index, part_type, metrics },
  })
  const whole = body.conversation
  return [
    {
      table: 'targets',
      row: { ...base, message_index: index, role: body.role, pseudo: body.pseudo, target: body.target },
    },
    scores(index, 'all', body.metrics),
    ...body.parts.map(({ part_type, metrics }) => scores(index, part_type, metrics)),
    ...body.flags.map((flag, flag_index) => ({
      table: 'flags',
      row: { ...base, message_index: index, flag_index, ...flag },
    })),
    ...(whole
      ? [
          scores(-1, 'all', whole.metrics),
          ...whole.parts.map(({ part_type, metrics }) => scores(-1, part_type, metrics)),
          {
            table: 'candidates',
            row: {
              ...base,
              in_line: whole.in_line,
              complete: whole.complete,
              pseudo: whole.pseudo,
              translated: whole.translated,
              kept: whole.kept,
              failed: whole.failed,
              skipped: whole.skipped,
              reasons: whole.reasons,
              metrics: whole.metrics,
            },
          },
        ]
      : []),
  ]
}

const rankedRows: RowsOf<Ranked> = ({ body }, base) => [
  {
    table: 'ranked',
    row: {
      ...base,
      winner: body.winner ?? '',
      pseudo: body.pseudo,
      why: body.why,
      margin: body.margin,
      keep: body.keep,
      reasons: body.reasons,
      candidate_lines: body.candidates.map(({ line }) => line),
      candidate_scores: body.candidates.map(({ score }) => score),
      candidate_places: body.candidates.map(({ place }) => place),
      metrics: body.candidates.find(({ line }) => line === body.winner)?.metrics ?? {},
    },
  },
]

const deadLetterRows: RowsOf<DeadLetter> = ({ body }, base) => [
  {
    table: 'dead_letters',
    row: {
      ...base,
      source: body.source,
      split: body.split,
      row: body.row,
      stage: body.stage,
      file: body.file,
      line_number: body.line,
      byte_start: body.byte_start,
      byte_end: body.byte_end,
      reason: body.reason,
      detail: body.detail,
      verdict: body.verdict,
    },
  },
]

/** What is known of a record without body: its place, as the stages behind it see it. */
const undecodableRows = (
  name: RecordName,
  { index, count, timestamp, problem = '' }: Placed<unknown>,
  base: Record<string, unknown>,
): TableRow[] => {
  const reason = 'undecodable'
  const first =
    index === 0 ? [{ table: 'conversations', row: { ...base, turns: count, ingested_at: timeText(timestamp) } }] : []
  const last = index === count - 1 ? [{ table: 'candidates', row: { ...base, in_line: false, complete: false } }] : []
  if (name === 'Message') return [{ table: 'messages', row: { ...base, message_index: index } }, ...first]
  if (name === 'Translation')
    return [{ table: 'chunks', row: { ...base, record_index: index, status: 'failed', reason } }]
  if (name === 'Scored') return [{ table: 'targets', row: { ...base, message_index: index } }, ...last]
  if (name === 'Ranked') return [{ table: 'ranked', row: { ...base, keep: false, reasons: [reason], why: problem } }]
  return name === 'DeadLetter'
    ? [{ table: 'dead_letters', row: { ...base, stage: 'land', reason, detail: problem } }]
    : []
}

const rowsOf = {
  Message: messageRows,
  Translation: translationRows,
  Scored: scoredRows,
  Ranked: rankedRows,
  DeadLetter: deadLetterRows,
} as Partial<Record<RecordName, unknown>>

/** Milliseconds since 1970 as ClickHouse reads a DateTime64 in UTC. */
export const timeText = (ms: number): string => new Date(ms).toISOString().replace('T', ' ').replace('Z', '')
