/** A column: its name, ClickHouse type and what it means. */
export type Column = [name: string, type: string, meaning: string]

/** A table of the warehouse; replaces rows of equal key by the one with the highest offset. */
export interface Table {
  name: string
  meaning: string
  key: string[]
  columns: Column[]
  /**
   * Columns that hold a list with an entry per record of the conversation. Its view shows a row per entry: a row of its
   * own for each of them would take most of the work of landing.
   */
  lists?: string[]
}

const text = 'String'
const label = 'LowCardinality(String)'
const metrics = 'Map(LowCardinality(String), Nullable(Float64))'

/** The columns that begin every table of landed records. */
export const placeColumns: Column[] = [
  ['line', label, 'Line that made the row: a translator, a ranking, or messages'],
  ['generation', 'UInt16', 'Generation of that line'],
  ['source', label, 'Source in pipeline.yaml'],
  ['split', label, 'Split of the source'],
  ['row', text, "Row in the split: its zero-based position, or the row's own id"],
]
/** The columns that end it. */
export const traceColumns: Column[] = [
  ['partition', 'UInt16', 'Partition of the topic'],
  ['offset', 'UInt64', 'Offset in that partition: equal keys keep the highest'],
]
const conversationKey = ['line', 'generation', 'source', 'split', 'row']
const table = (name: string, meaning: string, key: string[], columns: Column[]): Table => ({
  name,
  meaning,
  key,
  columns: [...placeColumns, ...columns, ...traceColumns],
})

const listed = (name: string, meaning: string, columns: Column[]): Table => ({
  ...table(name, meaning, conversationKey, columns),
  lists: columns.map(([column]) => column),
})

/** The same table; one of its columns means something else than elsewhere. */
const meaning = (of: Table, name: string, text: string): Table => ({
  ...of,
  columns: of.columns.map((column) => (column[0] === name ? [name, column[1], text] : column)),
})

/** The type that a column has in its table. */
export const storedType = ({ lists = [] }: Table, [column, type]: Column): string =>
  lists.includes(column) ? `Array(${type})` : type

/** All tables, in the order of the dataflow. */
export const tables: Table[] = [
  table('conversations', 'One row per ingested conversation', conversationKey, [
    ['turns', 'UInt32', 'Messages'],
    ['file', text, 'File it was read from'],
    ['line_number', 'UInt64', 'One-based line or row in that file'],
    ['ingested_at', "DateTime64(3, 'UTC')", 'When it came in'],
  ]),
  table(
    'messages',
    'One row per ingested message',
    [...conversationKey, 'message_index'],
    [
      ['message_index', 'UInt32', 'Zero-based turn'],
      ['role', label, 'system, user, assistant or tool'],
      ['content', text, 'Source text'],
    ],
  ),
  listed(
    'chunks',
    'One row per conversation and translator line: the terminal records of its chunks; v_chunks has one per chunk',
    [
      ['message_index', 'UInt32', 'Zero-based turn'],
      ['chunk_index', 'UInt32', 'Position in the message'],
      ['record_index', 'UInt32', 'Position in the conversation; the only place of an undecodable record'],
      ['part_index', 'UInt32', 'Position of its part in the message'],
      ['part_type', label, 'text, think, code, math, tool_call, tool_response, tools or system'],
      ['status', label, 'translated, kept, failed or skipped'],
      ['reason', label, 'Why failed or skipped; empty otherwise'],
      ['start', 'UInt32', 'UTF-16 offset of the source chunk in its message'],
      ['chars_source', 'UInt32', 'UTF-16 units of the source chunk'],
      ['chars_target', 'UInt32', 'UTF-16 units of the translation'],
      ['target_hash', text, 'Equal for equal translations, outer white space aside; empty unless translated'],
      ['backend', label, 'Kind of translator; pseudo is no translation'],
      ['attempts', 'UInt16', 'Answers it took, memory included'],
    ],
  ),
  table(
    'calls',
    'One row per answer of a translator',
    [...conversationKey, 'message_index', 'chunk_index', 'attempt'],
    [
      ['message_index', 'UInt32', 'Zero-based turn'],
      ['chunk_index', 'UInt32', 'Position in the message'],
      ['attempt', 'UInt16', 'Zero-based'],
      ['part_type', label, 'As in chunks'],
      ['outcome', label, 'ok, or why the answer was refused'],
      ['model', label, 'Model that answered'],
      ['provider', label, 'Provider that answered'],
      ['prompt_tokens', 'UInt32', "By the provider's count"],
      ['completion_tokens', 'UInt32', "By the provider's count"],
      ['cost_usd', 'Nullable(Float64)', 'Price of the call; null = not known'],
      ['latency_ms', 'Float64', 'From request to answer'],
      ['finish_reason', label, 'As the server said'],
      ['from_memory', 'Bool', 'Answered by the translation memory: not paid again'],
      ['at', "DateTime64(3, 'UTC')", 'When the answer came'],
      ['step', label, 'How it was asked: form_1 with other sentinels, split in parts, pieces between protected spans'],
    ],
  ),
  listed(
    'targets',
    'One row per conversation and translator line: the messages of a candidate; v_targets has one per message',
    [
      ['message_index', 'UInt32', 'Zero-based turn'],
      ['role', label, 'As in messages'],
      ['pseudo', 'Bool', 'Any text of it is no translation'],
      ['target', text, 'Rebuilt text; failed chunks show their source'],
    ],
  ),
  listed(
    'scores',
    'One row per conversation and translator line: the metrics of a candidate, by message and part type; v_scores has one per metric',
    [
      ['message_index', 'Int32', 'Zero-based turn; -1 = the whole conversation'],
      ['part_type', label, 'A part type; all = all parts together'],
      ['metrics', metrics, 'By name; null = not applicable'],
    ],
  ),
  table(
    'flags',
    'One row per finding in a candidate',
    [...conversationKey, 'message_index', 'flag_index'],
    [
      ['message_index', 'UInt32', 'Zero-based turn'],
      ['flag_index', 'UInt32', 'Position among the findings of the message'],
      ['code', label, 'What was found'],
      ['start', 'UInt32', 'UTF-16 offset in the target'],
      ['length', 'UInt32', 'UTF-16 units'],
      ['detail', text, 'For a person'],
    ],
  ),
  table('candidates', 'One row per conversation and translator line', conversationKey, [
    ['in_line', 'Bool', "false = the translator's splits leave it out"],
    ['complete', 'Bool', 'Every chunk translated or kept'],
    ['pseudo', 'Bool', 'Any text of it is no translation'],
    ['translated', 'UInt32', 'Chunks translated'],
    ['kept', 'UInt32', 'Chunks kept as they are'],
    ['failed', 'UInt32', 'Chunks failed'],
    ['skipped', 'UInt32', 'Chunks skipped'],
    ['reasons', 'Map(LowCardinality(String), UInt32)', 'Chunks failed or skipped by reason'],
    [
      'metrics',
      metrics,
      "The conversation's metrics: lr, scr, lr_all, scr_all, tokens_content, tokens_rendered, turns, …",
    ],
  ]),
  table('ranked', 'One row per conversation and ranking', conversationKey, [
    ['winner', label, 'Translator line that won; empty = none'],
    ['pseudo', 'Bool', 'Any text of the winner is no translation'],
    ['why', text, 'One sentence'],
    ['margin', 'Nullable(Float64)', "Score of the winner minus the next one's"],
    ['keep', 'Bool', 'Whether the conversation goes into the release'],
    ['reasons', 'Array(LowCardinality(String))', 'Why dropped, first one first'],
    ['candidate_lines', 'Array(LowCardinality(String))', 'Candidates, in the order of pipeline.yaml'],
    ['candidate_scores', 'Array(Nullable(Float64))', 'Their scores'],
    ['candidate_places', 'Array(Nullable(UInt16))', '1 = best; null = not in line'],
    ['metrics', metrics, "The winner's metrics"],
  ]),
  table(
    'dead_letters',
    'One row per source row or record that could not come in or on',
    [...conversationKey, 'file', 'line_number', 'reason', 'partition', 'offset'],
    [
      ['stage', label, 'Where it stopped'],
      ['file', text, 'File, or topic and partition'],
      ['line_number', 'UInt64', 'One-based line, or offset'],
      ['byte_start', 'UInt64', 'In the file'],
      ['byte_end', 'UInt64', 'In the file'],
      ['reason', label, 'snake_case'],
      ['detail', text, 'One sentence'],
      ['verdict', label, 'bad or dropped'],
    ],
  ),
  meaning(
    table(
      'selection',
      'One row per file of a source: how far it was read',
      [...conversationKey, 'file'],
      [
        ['file', text, 'File of the source'],
        ['rows', 'UInt64', 'Rows read'],
        ['selected', 'UInt64', 'Came in'],
        ['dropped', 'UInt64', 'Left out by the selection'],
        ['bad', 'UInt64', 'Could not be read'],
        ['done', 'Bool', 'Read to its end'],
      ],
    ),
    'split',
    "Split of the file, by the source's settings or its name; rows that name another one count here too, and v_conversations has theirs",
  ),
  table(
    'judgments',
    'One row per judgment of a person; empty until reviews are made',
    [...conversationKey, 'reviewer'],
    [
      ['reviewer', label, 'Who'],
      ['choice', label, 'Translator line chosen, tie or none'],
      ['reason', label, 'snake_case'],
      ['at', "DateTime64(3, 'UTC')", 'When'],
    ],
  ),
  {
    name: 'runs',
    meaning: 'One row per run of this pipeline',
    key: ['run'],
    columns: [
      ['run', text, 'Random id'],
      ['started_at', "DateTime64(3, 'UTC')", 'When it started'],
      ['ended_at', "Nullable(DateTime64(3, 'UTC'))", 'null = still running or killed'],
      ['version', label, 'Version of kalam'],
      ['outcome', label, 'done, stopped, failed, or running'],
      ['offset', 'UInt64', 'Milliseconds since 1970 of the last change: the highest stays'],
    ],
  },
  {
    name: 'owners',
    meaning: 'The one pipeline that these tables belong to',
    key: ['pipeline'],
    columns: [
      ['pipeline', text, 'Its name in pipeline.yaml'],
      ['id', text, 'Random: positions of landing belong to these tables alone'],
      ['offset', 'UInt64', 'Milliseconds since 1970 of the first opening'],
    ],
  },
  {
    name: 'live_generations',
    meaning: 'The generation of each line that the views show',
    key: ['stage', 'line'],
    columns: [
      ['stage', label, 'chunk, translate, score or rank'],
      ['line', label, 'Name of the line'],
      ['generation', 'UInt16', 'Its live generation'],
      ['offset', 'UInt64', 'Milliseconds since 1970 of the last change: the highest stays'],
    ],
  },
]
