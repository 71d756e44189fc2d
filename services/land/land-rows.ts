import { hash } from 'node:crypto'
import type { Placed } from '../../dataflow/place.ts'
import type { DeadLetter, Message, Ranked, RecordName, Records, Scored, Translation } from '../../schemas/records.ts'

/**
 * A row for a table of the warehouse: where its record stands, and its other columns. Apart, since copying the place into
 * every row took as long as all the rest of making rows.
 */
export interface TableRow {
  table: string
  base: RowBase
  row: Record<string, unknown>
}

/** The columns that every table of landed records has. */
export interface RowBase {
  line: string
  generation: number
  source: string
  split: string
  row: string
  partition: number
  offset: number
}

/** Where a record stands: its line and partition. */
export interface Origin {
  line: string
  generation: number
  partition: number
}

/** A row before it is known where its record stands; one of another place says so. */
type PlacelessRow = Omit<TableRow, 'base'> & { of?: Pick<RowBase, 'source' | 'split' | 'row'> }

type RowsOf<Body> = (record: Placed<Body> & { body: Body }) => PlacelessRow[]

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
  const { source, split, row } = splitId(record.id)
  const { line, generation, partition } = origin
  const base: RowBase = { line, generation, source, split, row, partition, offset: record.offset }
  return placelessRows(name, record).map(({ table, row, of }) => ({ table, base: of ? { ...base, ...of } : base, row }))
}

const placelessRows = <Name extends RecordName>(name: Name, record: Placed<Records[Name]>): PlacelessRow[] => {
  if (!record.body) return undecodableRows(name, record)
  const rows = rowsOf[name] as RowsOf<Records[Name]> | undefined
  return rows ? rows(record as Placed<Records[Name]> & { body: Records[Name] }) : []
}

const messageRows: RowsOf<Message> = ({ index, count, body, timestamp }) => [
  { table: 'messages', row: { message_index: index, role: body.role, content: body.content } },
  ...(index === 0
    ? [
        {
          table: 'conversations',
          row: { turns: count, file: body.file, line_number: body.line, ingested_at: timestamp },
        },
      ]
    : []),
]

/** Equal for equal texts but for outer white space, which is the source's; empty when there is no text. */
export const targetHash = (target: string | null): string =>
  target === null ? '' : hash('sha256', target.trim(), 'hex').slice(0, 16)

const translationRows: RowsOf<Translation> = ({ index, body }) => [
  {
    table: 'chunks',
    row: {
      message_index: body.message_index,
      chunk_index: body.chunk_index,
      part_type: body.part_type,
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
  ...body.attempts.map((answer, attempt) => ({
    table: 'calls',
    row: {
      message_index: body.message_index,
      chunk_index: body.chunk_index,
      part_type: body.part_type,
      attempt,
      outcome: answer.outcome,
      model: answer.model,
      provider: answer.provider,
      prompt_tokens: answer.prompt_tokens,
      completion_tokens: answer.completion_tokens,
      cost_usd: answer.cost_usd,
      latency_ms: answer.latency_ms,
      finish_reason: answer.finish_reason,
      from_memory: answer.from_memory,
      at: answer.at_ms,
      step: answer.step,
    },
  })),
]

const scoredRows: RowsOf<Scored> = ({ index, body }) => {
  const scores = (message_index: number, part_type: string, metrics: Record<string, number | null>): PlacelessRow => ({
    table: 'scores',
    row: { message_index, part_type, metrics },
  })
  const whole = body.conversation
  return [
    {
      table: 'targets',
      row: { message_index: index, role: body.role, pseudo: body.pseudo, target: body.target },
    },
    scores(index, 'all', body.metrics),
    ...body.parts.map(({ part_type, metrics }) => scores(index, part_type, metrics)),
    ...body.flags.map((flag, flag_index) => ({
      table: 'flags',
      row: {
        message_index: index,
        flag_index,
        code: flag.code,
        start: flag.start,
        length: flag.length,
        detail: flag.detail,
      },
    })),
    ...(whole
      ? [
          scores(-1, 'all', whole.metrics),
          ...whole.parts.map(({ part_type, metrics }) => scores(-1, part_type, metrics)),
          {
            table: 'candidates',
            row: {
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

const rankedRows: RowsOf<Ranked> = ({ body }) => [
  {
    table: 'ranked',
    row: {
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

const deadLetterRows: RowsOf<DeadLetter> = ({ body }) => [
  {
    table: 'dead_letters',
    of: { source: body.source, split: body.split, row: body.row },
    row: {
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
): PlacelessRow[] => {
  const reason = 'undecodable'
  const first = index === 0 ? [{ table: 'conversations', row: { turns: count, ingested_at: timestamp } }] : []
  const last = index === count - 1 ? [{ table: 'candidates', row: { in_line: false, complete: false } }] : []
  if (name === 'Message') return [{ table: 'messages', row: { message_index: index } }, ...first]
  if (name === 'Translation') return [{ table: 'chunks', row: { record_index: index, status: 'failed', reason } }]
  if (name === 'Scored') return [{ table: 'targets', row: { message_index: index } }, ...last]
  if (name === 'Ranked') return [{ table: 'ranked', row: { keep: false, reasons: [reason], why: problem } }]
  return name === 'DeadLetter' ? [{ table: 'dead_letters', row: { stage: 'land', reason, detail: problem } }] : []
}

const rowsOf = {
  Message: messageRows,
  Translation: translationRows,
  Scored: scoredRows,
  Ranked: rankedRows,
  DeadLetter: deadLetterRows,
} as Partial<Record<RecordName, unknown>>

/** Milliseconds since 1970 as ClickHouse reads a DateTime64 in UTC from a text. */
export const timeText = (ms: number): string => new Date(ms).toISOString().replace('T', ' ').replace('Z', '')
