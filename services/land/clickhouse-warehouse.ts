import { ClickHouseError, createClient } from '@clickhouse/client'
import { KalamError, messageOf } from '../../dataflow/error.ts'
import type { Warehouse } from './warehouse.ts'

/** A ClickHouse server over HTTP; chDB in its own process is one too. KalamError warehouse_unavailable or query_failed. */
export const clickhouseWarehouse = (options: {
  url: string
  database: string
  username?: string
  password?: string
}): Warehouse => {
  const client = createClient({
    url: options.url,
    database: options.database,
    ...(options.username !== undefined && { username: options.username }),
    ...(options.password !== undefined && { password: options.password }),
    request_timeout: 300_000,
    max_open_connections: 4,
    clickhouse_settings: { async_insert: 0, output_format_json_quote_64bit_integers: 0 },
    // Failures reach the caller as errors; the client's own log would print them once more.
    log: { level: 127 },
  })
  const attempt = async <Result>(doing: string, work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work()
    } catch (thrown) {
      if (thrown instanceof ClickHouseError || messageOf(thrown).startsWith('Code:')) {
        throw new KalamError('query_failed', `${doing}: ${firstLine(messageOf(thrown))}`, { cause: thrown })
      }
      throw new KalamError('warehouse_unavailable', `${doing}: ${messageOf(thrown)}`, {
        retryable: true,
        cause: thrown,
      })
    }
  }
  return {
    query: <Row>(sql: string, parameters?: Record<string, unknown>) =>
      attempt('querying the warehouse', async () => {
        const result = await client.query({
          query: sql,
          format: 'JSONEachRow',
          ...(parameters && { query_params: parameters }),
        })
        return result.json<Row>() as Promise<Row[]>
      }),
    command: (sql) =>
      attempt('changing the warehouse', async () => {
        await client.command({ query: sql })
      }),
    insert: (table, rows) =>
      attempt(`writing to warehouse table ${table}`, async () => {
        if (rows.length > 0) await client.insert({ table, values: rows, format: 'JSONEachRow' })
      }),
    close: () => client.close(),
  }
}

const firstLine = (text: string): string => (text.split('\n')[0] ?? text).slice(0, 2000)
