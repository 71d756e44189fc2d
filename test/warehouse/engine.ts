import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Session } from 'chdb'
import { insertFrom } from '../../services/land/block-file.ts'
import { type Insert, insertOf, parametersOf, splitFormat } from '../../services/land/chdb-request.ts'

/** Runs what a client of ClickHouse's HTTP interface asks, one request after another. */
export interface Engine {
  /** What is answered, and whether rows were inserted. Errors are ClickHouse's, by their text. */
  run(url: URL, body: Buffer): Promise<{ bytes: Uint8Array; isInsert: boolean }>
}

/** Settings as they are in every session; a request may name them, with no other value. */
const settings: Record<string, string> = {
  async_insert: '0',
  output_format_json_quote_64bit_integers: '0',
  // Answers are never streamed here.
  wait_end_of_query: '1',
}

/** chDB over a folder; without a database in the request, it is `default`, as on a server. */
export const openEngine = (folder: string): Engine => {
  mkdirSync(folder, { recursive: true })
  const given = ['--output_format_json_quote_64bit_integers=0', '--async_insert=0', '--max_threads=2']
  const writer = sessionOf(new Session(folder, { connectionArgs: [...given, '--background_pool_size=2'] }))
  const reader = sessionOf(new Session(folder, { connectionArgs: [...given, '--readonly=2'] }))
  const blocks = join(folder, 'insert.native')
  let last: Promise<unknown> = Promise.resolve()
  return {
    run(url, body) {
      const work = () => answer(url, body, url.searchParams.has('readonly') ? reader : writer, blocks)
      const result = last.then(work, work)
      last = result
      return result
    },
  }
}

/** Blocks go by way of a file: the library takes them from there alone. */
const insertBody = async (session: Session, insert: Insert, body: Buffer, file: string): Promise<void> => {
  const { format } = insert
  if (format === 'JSONCompactEachRow') {
    await session.insert({ ...insert, values: body, format })
    return
  }
  writeFileSync(file, body)
  await session.queryAsync(insertFrom(file, insert.table, insert.columns))
}

/** A session that knows which database it uses. */
const sessionOf = (session: Session) => {
  let current = ''
  return {
    session,
    async use(database: string) {
      if (database === current) return
      await session.queryAsync(`USE \`${database.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``)
      current = database
    },
  }
}

const answer = async (url: URL, body: Buffer, { session, use }: ReturnType<typeof sessionOf>, blocks: string) => {
  refuseSettings(url)
  await use(url.searchParams.get('database') ?? 'default')
  const query = url.searchParams.get('query') ?? ''
  const insert = insertOf(query)
  if (insert !== undefined) {
    if (body.length > 0) await insertBody(session, insert, body, blocks)
    return { bytes: Buffer.alloc(0), isInsert: true }
  }
  const { sql, format } = splitFormat(`${query}${body}`)
  const parameters = parametersOf(url)
  const result = await (Object.keys(parameters).length > 0
    ? session.queryBindAsync(sql, parameters, { format })
    : session.queryAsync(sql, { format }))
  return { bytes: result.bytes(), isInsert: false }
}

const known = /^(database|query|query_id|session_id|readonly|param_\w+|default_format|enable_http_compression)$/

const refuseSettings = ({ searchParams }: URL): void => {
  if (searchParams.has('readonly') && searchParams.get('readonly') !== '2') throw unknown('readonly', 'only 2 is')
  for (const [name, value] of searchParams)
    if (!known.test(name) && settings[name] !== value) throw unknown(name, `${settings[name] ?? 'no value'} is`)
}

const unknown = (name: string, what: string): Error =>
  new Error(`Code: 115. DB::Exception: Setting ${name}: ${what} known to this server of tests. (UNKNOWN_SETTING)`)
