import { type Column, storedType, type Table, tables } from './tables.ts'

/** A view: what it means, its columns in order, and its query. */
export interface View {
  name: string
  meaning: string
  columns: Column[]
  sql: string
}

const id = "concat(source, '/', split, '/', row)"
const idColumn: Column = ['id', 'String', '<source>/<split>/<row>: the conversation']

const columnsOf = (name: string, without: string[]): Column[] =>
  tables.find((table) => table.name === name)!.columns.filter(([column]) => !without.includes(column))

const liveView = (name: string, stage: string, meaning: string, renamed?: Column): View => {
  const columns = columnsOf(name, ['partition', 'offset', ...(renamed ? ['line'] : [])])
  const lists = tables.find((table) => table.name === name)?.lists ?? []
  return {
    name: `v_${name}`,
    meaning,
    columns: [idColumn, ...(renamed ? [renamed] : []), ...columns],
    sql: `SELECT ${id} AS id, ${renamed ? `line AS ${renamed[0]}, ` : ''}${columns.map(([column]) => column).join(', ')}
FROM ${name} FINAL${lists.length > 0 ? ` ARRAY JOIN ${lists.join(', ')}` : ''}
WHERE ${isLive(stage)}`,
  }
}

const isLive = (stage: string): string =>
  `(line, generation) IN (SELECT line, generation FROM live_generations FINAL WHERE stage = '${stage}')`

/** One row per metric. */
const scoresView = (): View => {
  const columns = columnsOf('scores', ['partition', 'offset', 'metrics'])
  const { lists = [] } = tables.find((table) => table.name === 'scores')!
  return {
    name: 'v_scores',
    meaning: 'Metrics of candidates by message and part type',
    columns: [
      idColumn,
      ...columns,
      ['metric', 'String', 'Name of the metric'],
      ['value', 'Nullable(Float64)', 'null = not applicable'],
    ],
    sql: `SELECT ${id} AS id, ${columns.map(([column]) => column).join(', ')}, metric, value
FROM (SELECT * FROM scores FINAL ARRAY JOIN ${lists.join(', ')} WHERE ${isLive('score')})
ARRAY JOIN mapKeys(metrics) AS metric, mapValues(metrics) AS value`,
  }
}

const plainView = (name: string, meaning: string): View => {
  const columns = columnsOf(name, ['partition', 'offset', 'line', 'generation'])
  return {
    name: `v_${name}`,
    meaning,
    columns: [idColumn, ...columns],
    sql: `SELECT ${id} AS id, ${columns.map(([column]) => column).join(', ')}\nFROM ${name} FINAL`,
  }
}

const keylessView = (name: string, meaning: string, without: string[]): View => {
  const columns = columnsOf(name, ['partition', 'offset', ...without])
  return {
    name: `v_${name}`,
    meaning,
    columns,
    sql: `SELECT ${columns.map(([column]) => column).join(', ')}\nFROM ${name} FINAL`,
  }
}

const ranking: Column = ['ranking', 'LowCardinality(String)', 'Ranking in pipeline.yaml']

/** All views: live generations only, each row once. Readers use these, never the tables. */
export const views: View[] = [
  plainView('conversations', 'Ingested conversations'),
  plainView('messages', 'Ingested messages'),
  liveView('chunks', 'translate', 'Terminal records of chunks'),
  liveView('calls', 'translate', 'Answers of translators'),
  liveView('targets', 'score', 'Rebuilt messages of candidates'),
  scoresView(),
  liveView('flags', 'score', 'Findings in candidates'),
  liveView('candidates', 'score', 'Candidates: one per conversation and translator line'),
  liveView('ranked', 'rank', 'Verdicts: one per conversation and ranking', ranking),
  plainView('dead_letters', 'Rows and records that could not come in or on'),
  keylessView('selection', 'How far the files of sources were read', ['line', 'generation', 'row']),
  plainView('judgments', 'Judgments of people'),
  keylessView('runs', 'Runs', []),
]

/** Rows that a commit says are there outlive a loss of power, as the log's positions do. */
const durable = ['fsync_after_insert = 1', 'fsync_part_directory = 1']

/** chDB merges on the cores that the flow works on: it waits for more parts, which writes each row less often. */
export const chdbSettings = ['merge_selector_base = 20']

/** DDL of a table: replacing by offset, partitioned by line and generation where it has them; `settings` of it beside ours. */
export const createTable = ({ name, key, columns, ...table }: Table, settings: readonly string[] = []): string =>
  `CREATE TABLE IF NOT EXISTS ${name} (\n${columns.map((column) => `  ${column[0]} ${storedType({ name, key, columns, ...table }, column)} COMMENT '${column[2].replaceAll("'", "''")}'`).join(',\n')}\n)
ENGINE = ReplacingMergeTree(offset)${key.includes('generation') ? '\nPARTITION BY (line, generation)' : ''}
ORDER BY (${key.join(', ')})
SETTINGS ${[...durable, ...settings].join(', ')}`

/** Statements that make every table and view, in order; repeating them changes nothing. */
export const schemaStatements = (tableSettings: readonly string[] = []): string[] => [
  ...tables.map((table) => createTable(table, tableSettings)),
  ...views.map(({ name, sql }) => `CREATE OR REPLACE VIEW ${name} AS\n${sql}`),
]
