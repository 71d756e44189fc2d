import { type Table, tables } from './tables.ts'

/** A view and what it means; its columns are those of its query. */
export interface View {
  name: string
  meaning: string
  sql: string
}

const id = "concat(source, '/', split, '/', row) AS id"

const liveView = (name: string, stage: string, meaning: string, rename: string): View => ({
  name: `v_${name}`,
  meaning,
  sql: `SELECT ${id}, ${rename}* EXCEPT (offset, partition) FROM ${name} FINAL
WHERE (line, generation) IN (SELECT line, generation FROM live_generations FINAL WHERE stage = '${stage}')`,
})
const plainView = (name: string, meaning: string): View => ({
  name: `v_${name}`,
  meaning,
  sql: `SELECT ${id}, * EXCEPT (offset, partition, line, generation) FROM ${name} FINAL`,
})

/** All views: live generations only, each row once. Readers use these, never the tables. */
export const views: View[] = [
  plainView('conversations', 'Ingested conversations'),
  plainView('messages', 'Ingested messages'),
  liveView('chunks', 'translate', 'Terminal records of chunks', ''),
  liveView('calls', 'translate', 'Answers of translators', ''),
  liveView('targets', 'score', 'Rebuilt messages of candidates', ''),
  liveView('scores', 'score', 'Metrics of candidates by message and part type', ''),
  liveView('flags', 'score', 'Findings in candidates', ''),
  liveView('candidates', 'score', 'Candidates', ''),
  liveView('ranked', 'rank', 'Verdicts; ranking is the line', 'line AS ranking, '),
  plainView('dead_letters', 'Rows and records that could not come in or on'),
  plainView('selection', 'How far sources were read'),
  plainView('judgments', 'Judgments of people'),
  { name: 'v_runs', meaning: 'Runs', sql: 'SELECT * EXCEPT (offset) FROM runs FINAL' },
]

/** DDL of a table: replacing by offset, partitioned by line and generation where it has them. */
export const createTable = ({ name, key, columns }: Table): string =>
  `CREATE TABLE IF NOT EXISTS ${name} (\n${columns.map(([column, type, meaning]) => `  ${column} ${type} COMMENT '${meaning.replaceAll("'", "''")}'`).join(',\n')}\n)
ENGINE = ReplacingMergeTree(offset)${key.includes('generation') ? '\nPARTITION BY (line, generation)' : ''}
ORDER BY (${key.join(', ')})`

/** Statements that make every table and view, in order; repeating them changes nothing. */
export const schemaStatements = (): string[] => [
  ...tables.map(createTable),
  ...views.map(({ name, sql }) => `CREATE OR REPLACE VIEW ${name} AS\n${sql}`),
]
