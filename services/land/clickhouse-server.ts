import type { ClickhouseConfig } from '../config.ts'
import { type ClickhouseOptions, clickhouseWarehouse } from './clickhouse-warehouse.ts'

/** The server with its variables filled in; the configuration's check has made sure that they are set. */
export const serverOf = (
  { url, database, username, password }: ClickhouseConfig,
  env: Record<string, string | undefined>,
): ClickhouseOptions => ({
  url: url.replace(/\$(\w+)/g, (_, name: string) => env[name] ?? ''),
  database,
  ...(username !== undefined && { username }),
  ...(password !== undefined && { password: env[password.slice(1)] ?? '' }),
})

/** Makes a server's database where there is none; a user who may not create one can have it made before. */
export const createDatabase = async (options: ClickhouseOptions): Promise<void> => {
  const server = clickhouseWarehouse({ ...options, database: 'default' })
  try {
    const known = await server.query('SELECT name FROM system.databases WHERE name = {name:String}', {
      name: options.database,
    })
    if (known.length === 0) await server.command(`CREATE DATABASE IF NOT EXISTS ${quoteName(options.database)}`)
  } finally {
    await server.close()
  }
}

const quoteName = (name: string): string => `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``
