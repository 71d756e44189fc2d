import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OpenedForTest, warehouses } from './warehouses.ts'

describe.each(warehouses)('the table that %s answers', (_name, open) => {
  let opened: OpenedForTest
  beforeAll(async () => {
    opened = await open()
  })
  afterAll(() => opened.close())

  it('has its columns in the order of the query, whatever their names', async () => {
    expect(await opened.warehouse.queryTable(`SELECT 'x' AS b, 20 AS "10", 30 AS "9", 1, 1, 2 AS "a\n"`)).toEqual({
      names: ['b', '10', '9', '1', '1', 'a\n'],
      rows: [['x', 20, 30, 1, 1, 2]],
    })
  })

  it('has every row, with the values that objects of a query have', async () => {
    const sql = `SELECT number, toUInt64(18446744073709551615) AS n, nan AS f, '[1,2]\n{}' AS s, map('k', -9007199254740993) AS m FROM numbers(3)`
    const { names, rows } = await opened.warehouse.queryTable(sql)
    const objects = rows.map((row) => Object.fromEntries(row.map((value, at) => [names[at], value])))
    expect(objects).toEqual(await opened.warehouse.query(sql))
    expect(rows[2]).toEqual([2, '18446744073709551615', null, '[1,2]\n{}', { k: '-9007199254740993' }])
  })

  it.each(['SELECT run, run FROM v_runs', 'WITH 1 AS x SELECT x AS a, run FROM v_runs'])(
    'has names where there are no rows: %s',
    async (sql) => {
      const { names, rows } = await opened.warehouse.queryTable(sql)
      expect([names.length, names[1], rows]).toEqual([2, 'run', []])
    },
  )

  it('is refused like any query when it changes something', async () => {
    await expect(opened.warehouse.queryTable('DROP TABLE runs')).rejects.toMatchObject({ code: 'query_failed' })
  })
})
