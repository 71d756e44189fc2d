import type { Group } from '../../dataflow/operators/group-reader.ts'
import type { Message, Ranked, Scored } from '../../schemas/records.ts'

/** One turn as the release holds it. */
export interface ExportTurn {
  role: string
  content: string
}

/** A row of an exported dataset: the release's columns first, then what makes it auditable. */
export interface ExportRow {
  messages: ExportTurn[]
  chat_template_kwargs: {
    custom_instructions: string | null
    enable_thinking: boolean | null
    python_tools: string[]
    xml_tools: string[]
  }
  LR: number | null
  SCR: number | null
  rank_score: number | null
  source: string
  id: string
  split: string
  source_messages: ExportTurn[]
  winner: string | null
  keep: boolean
  reasons: string[]
  why: string
  margin: number | null
  pseudo: boolean
  candidates: {
    line: string
    place: number | null
    score: number | null
    complete: boolean
    in_line: boolean
    pseudo: boolean
    reasons: string[]
    metrics: string
  }[]
  flags: { line: string; message_index: number; code: string; start: number; length: number; detail: string }[]
  columns: string
}

/** The fields of scored messages that an export holds; it holds the metrics as they were ranked. */
export const exportedOfScored = ['role', 'target', 'flags'] as const

/** A conversation's records, in the order of the ranking's candidates. */
export interface ExportInput {
  id: string
  messages: Group<Message>
  scored: Map<string, Group<Pick<Scored, (typeof exportedOfScored)[number]>>>
  ranked: Ranked
  /** Name of the winning configuration by candidate line, as in the release's column `source`. */
  configurations: Map<string, string>
}

/** The exported row of one conversation; without winner it holds the source's text and keep is false. */
export const exportRow = ({ id, messages, scored, ranked, configurations }: ExportInput): ExportRow => {
  const source = messages.records.map(({ body }) => ({ role: body?.role ?? '', content: body?.content ?? '' }))
  const winner = ranked.winner === null ? undefined : scored.get(ranked.winner)
  const first = messages.records[0]?.body
  const chosen = ranked.candidates.find((candidate) => candidate.line === ranked.winner)
  const LR = chosen?.metrics.lr_all ?? null
  const SCR = chosen?.metrics.scr_all ?? null
  return {
    messages: winner
      ? winner.records.map(({ body }) => ({ role: body?.role ?? '', content: body?.target ?? '' }))
      : source,
    chat_template_kwargs: templateKwargs(first?.chat_template_kwargs ?? null),
    LR,
    SCR,
    rank_score: LR === null || SCR === null ? null : (LR + SCR) / 2,
    source: ranked.winner === null ? '' : (configurations.get(ranked.winner) ?? ranked.winner),
    id,
    split: first?.split ?? '',
    source_messages: source,
    winner: ranked.winner,
    keep: ranked.keep,
    reasons: ranked.reasons,
    why: ranked.why,
    margin: ranked.margin,
    pseudo: ranked.pseudo,
    candidates: ranked.candidates.map(({ line, place, score, complete, in_line, pseudo, reasons, metrics }) => ({
      line,
      place,
      score,
      complete,
      in_line,
      pseudo,
      reasons,
      metrics: JSON.stringify(metrics),
    })),
    flags: [...scored].flatMap(([line, group]) =>
      group.records.flatMap(({ index, body }) =>
        (body?.flags ?? []).map(({ code, start, length, detail }) => ({
          line,
          message_index: index,
          code,
          start,
          length,
          detail,
        })),
      ),
    ),
    columns: columnsText(first),
  }
}

const columnsText = (first: Message | undefined): string => {
  const kwargs = first?.chat_template_kwargs
  const columns = kwargs ? { ...first.columns, chat_template_kwargs: kwargs } : (first?.columns ?? {})
  return JSON.stringify(Object.fromEntries(Object.entries(columns).sort(([a], [b]) => (a < b ? -1 : 1))))
}

/** The release's struct; whatever does not fit it stays, as it was, in `columns`. */
const templateKwargs = (text: string | null): ExportRow['chat_template_kwargs'] => {
  const kwargs: unknown = text === null ? {} : JSON.parse(text)
  const field = (name: string): unknown =>
    typeof kwargs === 'object' && kwargs !== null ? (kwargs as Record<string, unknown>)[name] : undefined
  const instructions = field('custom_instructions')
  const thinking = field('enable_thinking')
  const texts = (value: unknown): string[] =>
    Array.isArray(value)
      ? value.map((item) => (typeof item === 'string' ? item : JSON.stringify(item)))
      : typeof value === 'string'
        ? [value]
        : []
  return {
    custom_instructions: typeof instructions === 'string' ? instructions : null,
    enable_thinking: typeof thinking === 'boolean' ? thinking : null,
    python_tools: texts(field('python_tools')),
    xml_tools: texts(field('xml_tools')),
  }
}
