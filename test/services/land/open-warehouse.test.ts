import { createServer } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { type PipelineConfig, pipelineSchema } from '../../../services/config.ts'
import { startChdb } from '../../../services/land/chdb-process.ts'
import { clickhouseWarehouse } from '../../../services/land/clickhouse-warehouse.ts'
import { openWarehouse } from '../../../services/land/open-warehouse.ts'
import { rowText } from '../../../services/land/row-text.ts'
import { schemaStatements } from '../../../services/land/schema.ts'
import { workFolder } from '../../system/kalam.ts'

const config = (pipeline: string, warehouse: PipelineConfig['warehouse'] = 'embedded'): PipelineConfig =>
  pipelineSchema.parse({
    pipeline,
    warehouse,
    sources: [{ name: 's', path: 'a.jsonl' }],
    chunkings: { lines: { by: 'lines' } },
    translators: { p: { backend: 'pseudo', chunking: 'lines' } },
    rankings: { r: { candidates: ['p'] } },
  })

interface Asked {
  database: string | null
  readonly: string | null
  sql: string
  authorization: string | undefined
}

/** A server that speaks ClickHouse's HTTP as far as the client goes; `answer` gives a body, or an error by its text. */
const serverOf = async (answer: (asked: Asked) => string) => {
  const asked: Asked[] = []
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '', 'http://localhost')
    let body = ''
    for await (const piece of request) body += piece
    const sql = url.searchParams.get('query') ?? body
    const { authorization } = request.headers
    const one = {
      database: url.searchParams.get('database'),
      readonly: url.searchParams.get('readonly'),
      sql,
      authorization,
    }
    asked.push(one)
    const text = answer(one)
    response.writeHead(text.startsWith('Code:') ? 500 : 200).end(text)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    asked,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

describe('openWarehouse', () => {
  const closers: (() => void | Promise<void>)[] = []
  afterEach(async () => {
    for (const close of closers.splice(0)) await close()
  })

  it('refuses the tables of another pipeline', async () => {
    const folder = workFolder()
    closers.push(folder.remove)
    const open = async (name: string) => (await openWarehouse(config(name), folder.path, {})).close()
    await open('one')
    await open('one')
    await expect(open('two')).rejects.toMatchObject({
      code: 'state_of_other_pipeline',
      message: 'opening the warehouse: its tables belong to pipeline one, not two',
    })
  })

  it('refuses tables that another version made, and says how they are filled anew', async () => {
    const folder = workFolder()
    const { close, server } = await startChdb(folder.path)
    const made = clickhouseWarehouse(server)
    for (const statement of schemaStatements()) await made.command(statement)
    await made.command('ALTER TABLE candidates DROP COLUMN kept')
    await made.close()
    await close()
    await expect(openWarehouse(config('one'), folder.path, {})).rejects.toMatchObject({
      code: 'state_of_other_version',
      message: 'opening the warehouse: column kept of table candidates is not as this kalam makes it',
      hint: `Move ${folder.path} away and run again: the tables are filled anew from the topics.`,
    })
    folder.remove()
  })

  it('gives services that open new tables at the same moment one id, and the same one later', async () => {
    const folder = workFolder()
    closers.push(folder.remove)
    const { server, close } = await startChdb(folder.path)
    closers.push(close)
    const where = { url: server.url, username: 'kalam', password: '$SECRET', database: 'kalam' }
    const opened = () => openWarehouse(config('one', where), '', { SECRET: server.password! })
    const all = [...(await Promise.all([opened(), opened(), opened()])), await opened()]
    expect(new Set(all.map(({ id }) => id)).size).toBe(1)
    for (const warehouse of all) await warehouse.close()
  })

  it("makes a server's database first, then the same tables and views there", async () => {
    const server = await serverOf(({ sql }) => (sql.includes('FROM owners') ? '{"pipeline":"one"}\n' : ''))
    closers.push(server.close)
    const warehouse = await openWarehouse(config('one', { url: server.url, database: 'it`s' }), '', {})
    closers.push(() => warehouse.close())
    const sent = server.asked.map(({ sql }) => sql.replace(/\s*FORMAT JSONEachRow$/, ''))
    expect(server.asked[1]).toMatchObject({ database: null, sql: 'CREATE DATABASE IF NOT EXISTS `it\\`s`' })
    expect(sent.slice(3, -1)).toEqual(schemaStatements())
    expect(server.asked.slice(2).every(({ database }) => database === 'it`s')).toBe(true)
  })

  it('needs no right to make a database that is there', async () => {
    const server = await serverOf(({ sql }) => (sql.includes('system.databases') ? '{"name":"kalam"}\n' : ''))
    closers.push(server.close)
    const warehouse = await openWarehouse(config('one', { url: server.url, database: 'kalam' }), '', {})
    closers.push(() => warehouse.close())
    expect(server.asked.some(({ sql }) => sql.includes('CREATE DATABASE'))).toBe(false)
  })

  it('takes address and password from the environment', async () => {
    const server = await serverOf(() => '')
    closers.push(server.close)
    const where = { url: '$CLICKHOUSE_URL', database: 'kalam', username: 'analyst', password: '$CLICKHOUSE_PASSWORD' }
    const env = { CLICKHOUSE_URL: server.url, CLICKHOUSE_PASSWORD: 'a secret' }
    const warehouse = await openWarehouse(config('one', where), '', env)
    closers.push(() => warehouse.close())
    const expected = `Basic ${Buffer.from('analyst:a secret').toString('base64')}`
    expect(new Set(server.asked.map(({ authorization }) => authorization))).toEqual(new Set([expected]))
  })

  it('says which server does not answer', async () => {
    const opening = openWarehouse(config('one', { url: 'http://127.0.0.1:9', database: 'kalam' }), '', {})
    await expect(opening).rejects.toMatchObject({
      code: 'warehouse_unavailable',
      message: expect.stringContaining('127.0.0.1:9'),
      hint: expect.stringContaining('curl http://127.0.0.1:9/ping'),
    })
  })
})

describe('a ClickHouse server', () => {
  const failing = async (text: string) => {
    const server = await serverOf(() => text)
    const warehouse = clickhouseWarehouse({ url: server.url, database: 'kalam' })
    return {
      server,
      warehouse,
      close: async () => {
        await warehouse.close()
        server.close()
      },
    }
  }

  it('is asked read-only and waited for to the end, and changed without', async () => {
    const { server, warehouse, close } = await failing('')
    await warehouse.query('SELECT 1')
    await warehouse.command('CREATE TABLE x (a UInt8) ENGINE = Memory')
    await warehouse.insert('x', rowText([{ a: 1 }]))
    expect(server.asked.map(({ readonly }) => readonly)).toEqual(['2', null, null])
    await close()
  })

  it.each([
    'Code: 252. DB::Exception: Too many parts (3000). Merges are processing significantly slower than inserts. (TOO_MANY_PARTS) (version 26.7)',
    'Code: 241. DB::Exception: Memory limit (total) exceeded. (MEMORY_LIMIT_EXCEEDED) (version 26.7)',
    'Code: 242. DB::Exception: Table is in readonly mode (TABLE_IS_READ_ONLY) (version 26.7)',
  ])('that is busy gets the same insert again later: %s', async (text) => {
    const { warehouse, close } = await failing(text)
    await expect(warehouse.insert('x', rowText([{ a: 1 }]))).rejects.toMatchObject({
      code: 'warehouse_unavailable',
      retryable: true,
    })
    await expect(warehouse.query('SELECT 1')).rejects.toMatchObject({ code: 'query_failed', retryable: false })
    await close()
  })

  it('that refuses an insert for good is not asked again', async () => {
    const { warehouse, close } = await failing(
      'Code: 16. DB::Exception: No such column y. (NO_SUCH_COLUMN_IN_TABLE) (version 26.7)',
    )
    await expect(warehouse.insert('x', rowText([{ y: 1 }]))).rejects.toMatchObject({
      code: 'query_failed',
      retryable: false,
      message: 'writing to warehouse table x: No such column y.',
    })
    await close()
  })
})
