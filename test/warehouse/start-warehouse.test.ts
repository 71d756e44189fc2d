import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type PipelineConfig, pipelineSchema } from '../../services/config.ts'
import { clickhouseWarehouse } from '../../services/land/clickhouse-warehouse.ts'
import { openWarehouse } from '../../services/land/open-warehouse.ts'
import { rowText } from '../../services/land/row-text.ts'
import { views } from '../../services/land/schema.ts'
import type { Warehouse } from '../../services/land/warehouse.ts'
import { landAtOnce } from '../services/land/land-at-once.ts'
import { everyKind } from '../services/land/records.ts'
import { startWarehouse, type TestWarehouse } from './start-warehouse.ts'

const longMs = 240_000
const conversations = 40

describe('a ClickHouse server of a test', () => {
  let server: TestWarehouse
  beforeAll(async () => {
    server = await startWarehouse()
  })
  afterAll(() => server?.close())

  const clientOf = (database: string) => clickhouseWarehouse({ url: server.url, database })

  const withClient = async <Result>(work: (warehouse: Warehouse) => Promise<Result>, database = 'default') => {
    const warehouse = clientOf(database)
    try {
      return await work(warehouse)
    } finally {
      await warehouse.close()
    }
  }

  it('has databases with tables of the same name', async () => {
    for (const database of ['one', "t`w'o"]) {
      await withClient((warehouse) => warehouse.command(`CREATE DATABASE \`${database.replaceAll('`', '\\`')}\``))
      await withClient(async (warehouse) => {
        await warehouse.command('CREATE TABLE names (name String) ENGINE = MergeTree ORDER BY name')
        await warehouse.insert('names', rowText([{ name: database }]))
      }, database)
    }
    for (const database of ['one', "t`w'o"])
      expect(await withClient((warehouse) => warehouse.query('SELECT name FROM names'), database)).toEqual([
        { name: database },
      ])
  })

  it('tells an unknown database and a setting that it does not know as ClickHouse does', async () => {
    await expect(withClient((warehouse) => warehouse.query('SELECT 1'), 'nowhere')).rejects.toMatchObject({
      code: 'query_failed',
      message: expect.stringContaining('nowhere'),
    })
    const answer = await fetch(`${server.url}/?query=SELECT+1&async_insert=1`)
    expect(answer.headers.get('x-clickhouse-exception-code')).toBe('115')
    expect(await (await fetch(`${server.url}/?query=SELECT+1`)).text()).toBe('1\n')
  })

  it.each([
    ['error', 'Unknown status, client must retry.'],
    ['gateway', '502 Bad Gateway'],
    ['cut', 'socket hang up'],
  ] as const)('does an insert and then answers that it failed: %s', async (how, fact) => {
    const table = `after_${how}`
    await withClient(async (warehouse) => {
      await warehouse.command(`CREATE TABLE ${table} (n UInt8) ENGINE = MergeTree ORDER BY n`)
      await server.failAfterInsert(1, how)
      await expect(warehouse.insert(table, rowText([{ n: 1 }]))).rejects.toMatchObject({
        code: 'warehouse_unavailable',
        retryable: true,
        message: expect.stringContaining(fact),
      })
      await warehouse.insert(table, rowText([{ n: 2 }]))
      expect(await warehouse.query(`SELECT n FROM ${table} ORDER BY n`)).toEqual([{ n: 1 }, { n: 2 }])
    })
  })

  it('keeps what was written through a kill, and refuses connections until it is started', async () => {
    await withClient(async (warehouse) => {
      await warehouse.command('CREATE TABLE kept (n UInt8) ENGINE = MergeTree ORDER BY n')
      await warehouse.insert('kept', rowText([{ n: 7 }]))
      await server.kill()
      await expect(warehouse.query('SELECT n FROM kept')).rejects.toMatchObject({ code: 'warehouse_unavailable' })
      expect(server.pid).toBeUndefined()
      await server.start()
      expect(await warehouse.query('SELECT n FROM kept')).toEqual([{ n: 7 }])
    })
  })

  it('answers late after a stall, and nobody while it refuses', async () => {
    await withClient(async (warehouse) => {
      await server.stall(1500)
      while ((await server.stats()).stalled === 0)
        expect(await warehouse.query('SELECT 1 AS one')).toEqual([{ one: 1 }])
      await server.refuse(700)
      await expect(warehouse.query('SELECT 1')).rejects.toMatchObject({ retryable: true })
      while ((await warehouse.query('SELECT 1').catch(() => undefined)) === undefined) await sleep(50)
    })
  })

  const config = (database: string): PipelineConfig =>
    pipelineSchema.parse({
      pipeline: 'p',
      warehouse: { url: server.url, database },
      sources: [{ name: 's', path: 'a.jsonl' }],
      chunkings: { lines: { by: 'lines' } },
      translators: { p: { backend: 'pseudo', chunking: 'lines' } },
      rankings: { r: { candidates: ['p'] } },
    })

  /** Lands some conversations as the stages do, each topic by itself, and tells what all views show then. */
  const landAll = async (database: string, disturb: () => Promise<void>): Promise<Record<string, unknown[]>> => {
    const warehouse = await openWarehouse(config(database), '', {})
    try {
      await warehouse.insert(
        'live_generations',
        rowText(['translate', 'score', 'rank'].map((stage) => ({ stage, line: 'l', generation: 1, offset: 1 }))),
      )
      const disturbing = disturb()
      const records = Array.from({ length: conversations / 2 }, (_, i) => everyKind(`split${i}`))
      const { signal } = new AbortController()
      await Promise.all(
        [...new Set(records.flat().map(({ name }) => name))].map(async (name) => {
          const line = name === 'Message' || name === 'DeadLetter' ? name : 'l'
          const write = landAtOnce(warehouse, name, { line, generation: 1, partition: 0 }, signal)
          for (const batch of records)
            await write(batch.flatMap((landed) => (landed.name === name ? [landed.record] : [])))
        }),
      )
      await disturbing
      const shown: Record<string, unknown[]> = {}
      for (const { name } of views) shown[name] = await warehouse.query(`SELECT * FROM ${name} ORDER BY ALL`)
      return shown
    } finally {
      await warehouse.close()
    }
  }

  it(
    'is landed into exactly once under kills, stalls, refusals and unanswered inserts',
    async () => {
      const calm = await landAll('calm', async () => undefined)
      expect(calm.v_chunks).toHaveLength(conversations * 4)
      expect(calm.v_messages).toHaveLength(conversations * 2)
      const failed = async () => (await server.stats()).failedAfterInsert
      const rough = await landAll('rough', async () => {
        for (const how of ['error', 'gateway', 'cut'] as const) {
          const before = await failed()
          await server.failAfterInsert(3, how)
          while ((await failed()) < before + 3) await sleep(20)
        }
        await server.stall(1000)
        while ((await server.stats()).stalled === 0) await sleep(20)
        await server.kill()
        await sleep(500)
        await server.start()
        await server.refuse(700)
        server.pause()
        await sleep(1000)
        server.resume()
      })
      for (const { name } of views) expect(rough[name], name).toEqual(calm[name])
    },
    longMs,
  )
})
