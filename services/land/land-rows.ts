import type { Placed } from '../../dataflow/place.ts'
import type {
  Chunk,
  DeadLetter,
  Message,
  Ranked,
  RecordName,
  Records,
  Scored,
  Translation,
} from '../../schemas/records.ts'

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

/** The warehouse rows of one record; none for a record that could not be decoded or has no table. */
export const landRows = <Name extends RecordName>(
  name: Name,
  record: Placed<Records[Name]>,
  origin: Origin,
): TableRow[] => {
  if (!record.body) return []
  const base = {
    line: origin.line,
    generation: origin.generation,
    ...splitId(record.id),
    partition: origin.partition,
    offset: record.offset,
  }
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

const translationRows: RowsOf<Translation> = ({ body }, base) => {
  const place = { ...base, message_index: body.message_index, chunk_index: body.chunk_index, part_type: body.part_type }
  return [
    {
      table: 'chunks',
      row: {
        ...place,
        part_index: body.part_index,
        status: body.status,
        reason: body.reason ?? '',
        chars_source: body.length,
        chars_target: body.target_text?.length ?? 0,
        backend: body.backend,
        attempts: body.attempts.length,
      },
    },
    ...body.attempts.map(({ at_ms, ...attempt }, index) => ({
      table: 'calls',
      row: { ...place, attempt: index, ...attempt, at: timeText(at_ms) },
    })),
  ]
}

const scoredRows: RowsOf<Scored> = ({ index, body }, base) => {
  const scores = (message: number, part: string, metrics: Record<string, number | null>): TableRow[] =>
    Object.entries(metrics).map(([metric, value]) => ({
      table: 'scores',
      row: { ...base, message_index: message, part_type: part, metric, value },
    }))
  const whole = body.conversation
  return [
    { table: 'targets', row: { ...base, message_index: index, role: body.role, target: body.target } },
    ...scores(index, 'all', body.metrics),
    ...body.parts.flatMap(({ part_type, metrics }) => scores(index, part_type, metrics)),
    ...body.flags.map((flag) => ({ table: 'flags', row: { ...base, message_index: index, ...flag } })),
    ...(whole
      ? [
          ...scores(-1, 'all', whole.metrics),
          ...whole.parts.flatMap(({ part_type, metrics }) => scores(-1, part_type, metrics)),
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

const noRows: RowsOf<Chunk> = () => []

const rowsOf = {
  Message: messageRows,
  Chunk: noRows,
  Translation: translationRows,
  Scored: scoredRows,
  Ranked: rankedRows,
  DeadLetter: deadLetterRows,
} as Partial<Record<RecordName, unknown>>

/** Milliseconds since 1970 as ClickHouse reads a DateTime64 in UTC. */
export const timeText = (ms: number): string => new Date(ms).toISOString().replace('T', ' ').replace('Z', '')
