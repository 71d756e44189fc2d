import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rowText } from '../../../services/land/row-text.ts'
import { type OpenedForTest, warehouses } from './warehouses.ts'

describe.each(warehouses)('a query to %s', (_name, open) => {
  let opened: OpenedForTest
  beforeAll(async () => {
    opened = await open()
    await opened.warehouse.insert('runs', rowText([{ run: 'one', offset: 1 }]))
  })
  afterAll(() => opened.close())

  it.each([
    "INSERT INTO runs (run) VALUES ('two')",
    "INSERT INTO runs (run) SELECT 'two'",
    'DROP TABLE runs',
    'TRUNCATE TABLE runs',
    'ALTER TABLE runs DELETE WHERE 1',
    'ALTER TABLE runs ADD COLUMN x UInt8',
    'OPTIMIZE TABLE runs FINAL',
    'CREATE TABLE other (x UInt8) ENGINE = Memory',
    'RENAME TABLE runs TO other',
    'DROP DATABASE kalam',
    'SET readonly = 0',
    'SELECT 1 SETTINGS readonly = 0',
  ])('is refused by the engine when it changes something: %s', async (sql) => {
    await expect(opened.warehouse.query(sql)).rejects.toMatchObject({ code: 'query_failed', retryable: false })
    expect(await opened.warehouse.query('SELECT run FROM v_runs')).toEqual([{ run: 'one' }])
  })

  it('may set what changes no table', async () => {
    expect(await opened.warehouse.query('SELECT number FROM numbers(2) SETTINGS max_threads = 1')).toEqual([
      { number: 0 },
      { number: 1 },
    ])
  })

  it('fails in one line that names the fact, without codes and versions', async () => {
    const message = async (sql: string) =>
      (await opened.warehouse.query(sql).catch((thrown) => thrown)).message as string
    for (const sql of [
      'SELECT\nx\nFROM\nv_runs',
      'SELEC 1',
      'SELECT * FROM v_nothing',
      `SELECT ${'x, '.repeat(5000)}`,
    ]) {
      expect(await message(sql)).toMatch(/^querying the warehouse: [^\n]{5,620}$/)
      expect(await message(sql)).not.toMatch(/DB::Exception|version \d/)
    }
    expect(await message('SELECT x FROM v_runs')).toContain('`x`')
    expect(await message('SELECT * FROM v_nothing')).toContain('v_nothing')
  })

  it('names the page of all columns when a name is unknown', async () => {
    await expect(opened.warehouse.query('SELECT x FROM v_runs')).rejects.toMatchObject({
      hint: expect.stringContaining('docs/sql.md'),
    })
  })
})
