import { Readable } from 'node:stream'
import { type ClickHouseClient, ClickHouseError, createClient, type DataFormat } from '@clickhouse/client'
import { KalamError, messageOf } from '../../dataflow/error.ts'
import { insertByFile } from './block-file.ts'
import { parseRows } from './parse-rows.ts'
import { type RowText, sentPieces } from './row-text.ts'
import type { Warehouse } from './warehouse.ts'

/** Where a ClickHouse server is and who asks. */
export interface ClickhouseOptions {
  url: string
  database: string
  username?: string
  password?: string
  /** The setting of pipeline.yaml that names it, for messages: warehouse, unless it is another. */
  setting?: string
  /** A folder of this machine that takes files of blocks, where they cannot be sent. */
  blockFolder?: string
}

/** Codes of a server that is too busy for an insert now: the same one may succeed later. */
const busyForInsert = new Set([
  '159',
  '202',
  '203',
  '209',
  '210',
  '241',
  '242',
  '243',
  '252',
  '319',
  '425',
  '439',
  '745',
])
/** Unknown column, table, function. */
const unknownName = new Set(['46', '47', '60'])

/** A ClickHouse server over HTTP; chDB in its own process is one too. KalamError warehouse_unavailable or query_failed. */
export const clickhouseWarehouse = ({
  setting = 'warehouse',
  blockFolder,
  ...options
}: ClickhouseOptions): Warehouse => {
  const client = createClient({
    ...options,
    request_timeout: 300_000,
    max_open_connections: 4,
    clickhouse_settings: { async_insert: 0, output_format_json_quote_64bit_integers: 0 },
    // Failures reach the caller as errors; the client's own log would print them once more.
    log: { level: 127 },
  })
  const attempt = async <Result>(doing: string, work: () => Promise<Result>, busy?: Set<string>): Promise<Result> => {
    try {
      return await work()
    } catch (thrown) {
      throw warehouseError(doing, thrown, { url: options.url, setting }, busy)
    }
  }
  const read = <Row>(sql: string, format: DataFormat, parameters?: Record<string, unknown>): Promise<Row[]> =>
    attempt(`querying the ${setting}`, async () => {
      const result = await client.query({
        query: sql,
        format,
        clickhouse_settings: { readonly: '2', wait_end_of_query: 1 },
        ...(parameters && { query_params: parameters }),
      })
      return parseRows<Row>(await result.text())
    })
  return {
    query: <Row>(sql: string, parameters?: Record<string, unknown>) => read<Row>(sql, 'JSONEachRow', parameters),
    async queryTable(sql) {
      const rows = await read<unknown[]>(sql, 'JSONCompactEachRowWithNames')
      const names = (rows.shift() ?? []) as string[]
      return { names, rows }
    },
    command: (sql) =>
      attempt(`changing the ${setting}`, async () => {
        await client.command({ query: sql })
      }),
    insert: (table, rows) =>
      attempt(
        `writing to ${setting} table ${table}`,
        async () => {
          if (rows.rows === 0) return
          if (rows.format === 'JSONCompactEachRow' || blockFolder === undefined) await insertText(client, table, rows)
          else
            await insertByFile(blockFolder, table, rows, async (query) => {
              await client.command({ query })
            })
        },
        busyForInsert,
      ),
    close: () => client.close(),
  }
}

/** Sends rows as they are; the client's own insert would make their text itself, from objects held until then. */
const insertText = async (client: ClickHouseClient, table: string, rows: RowText): Promise<void> => {
  const { stream } = await client.exec({
    query: `INSERT INTO ${table} (${rows.columns.join(', ')}) FORMAT ${rows.format}`,
    values: Readable.from(sentPieces(rows), { objectMode: false }),
  })
  // The connection is free for the next request when the answer has been read.
  for await (const _ of stream);
}

const warehouseError = (
  doing: string,
  thrown: unknown,
  { url, setting }: { url: string; setting: string },
  busy = new Set<string>(),
): KalamError => {
  if (thrown instanceof KalamError) return thrown
  const said = messageOf(thrown)
  const code = thrown instanceof ClickHouseError ? thrown.code : /^Code: (\d+)/.exec(said)?.[1]
  if (code !== undefined && !busy.has(code)) {
    return new KalamError('query_failed', `${doing}: ${oneLine(said)}`, {
      ...(unknownName.has(code) && {
        hint: 'docs/sql.md has all views and columns; SHOW TABLES and DESCRIBE v_ranked list them too.',
      }),
      cause: thrown,
    })
  }
  const { host } = new URL(url)
  return new KalamError('warehouse_unavailable', `${doing}: ${host}: ${oneLine(said) || 'no answer'}`, {
    retryable: true,
    hint: `Check the server behind ${setting}.url in pipeline.yaml: curl http://${host}/ping`,
    cause: thrown,
  })
}

const longestMessage = 600

/** ClickHouse's words without its repeated codes, its version and its line breaks. */
const oneLine = (text: string): string => {
  const line = text
    .slice(0, longestMessage * 4)
    .replace(/\s+/g, ' ')
    .replace(/^(Code: \d+\. DB::Exception: )+/, '')
    .replace(/ \(version [^)]*\)/, '')
    .trim()
  return line.length > longestMessage ? `${line.slice(0, longestMessage - 1)}…` : line
}
