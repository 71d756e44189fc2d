import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rowText } from '../../../services/land/row-text.ts'
import { schemaStatements, views } from '../../../services/land/schema.ts'
import { type Table, tables } from '../../../services/land/tables.ts'
import { type OpenedForTest, warehouses } from './warehouses.ts'

describe.each(warehouses)('the schema in %s', (_name, open) => {
  /** A list of one entry in every column that is one; of metrics the view has a row for every one. */
  const oneEntry = ({ columns, lists = [] }: Table) =>
    Object.fromEntries(
      columns
        .filter(([column]) => lists.includes(column))
        .map(([column, type]) => [column, [type.startsWith('Map') ? { lr: null } : type.includes('String') ? '' : 0]]),
    )
  let opened: OpenedForTest
  beforeAll(async () => {
    opened = await open()
  })
  afterAll(() => opened.close())

  it('is made again without a change to what is there', async () => {
    await opened.warehouse.insert('runs', rowText([{ run: 'r', offset: 1 }]))
    for (const statement of schemaStatements()) await opened.warehouse.command(statement)
    expect(await opened.warehouse.query('SELECT run FROM v_runs')).toEqual([{ run: 'r' }])
  })

  it('has tables that replace by offset, one partition per line and generation, sorted from there on', async () => {
    const found = await opened.warehouse.query<{
      name: string
      engine_full: string
      sorting_key: string
      partition_key: string
    }>(
      "SELECT name, engine_full, sorting_key, partition_key FROM system.tables WHERE database = 'kalam' AND engine != 'View'",
    )
    expect(found.map(({ name }) => name).toSorted()).toEqual(tables.map(({ name }) => name).toSorted())
    for (const { name, engine_full, sorting_key, partition_key } of found) {
      expect(engine_full, name).toMatch(/^ReplacingMergeTree\(offset\)/)
      expect(engine_full, name).toContain('fsync_after_insert = 1')
      if (['runs', 'live_generations', 'owners'].includes(name)) continue
      expect(partition_key, name).toBe('(line, generation)')
      expect(sorting_key, name).toMatch(/^line, generation, source, split, `?row`?/)
    }
  })

  it('has a meaning for every column, and every key among the columns', () => {
    for (const { name, key, columns } of [...tables, ...views.map((view) => ({ ...view, key: [] }))]) {
      for (const [column, type, meaning] of columns) expect([type, meaning], `${name}.${column}`).not.toContain('')
      expect(columns.map(([column]) => column)).toEqual(expect.arrayContaining(key))
      expect(new Set(columns.map(([column]) => column)).size, name).toBe(columns.length)
    }
  })

  it('takes rows of one line for every table, and shows them in the view', async () => {
    await opened.warehouse.insert(
      'live_generations',
      rowText(['translate', 'score', 'rank'].map((stage) => ({ stage, line: 'x', generation: 1, offset: 1 }))),
    )
    for (const table of tables.filter(({ key }) => key.includes('generation'))) {
      const { name, key } = table
      const row = { line: 'x', generation: 1, source: 's', split: 't', row: '0', offset: 1 }
      await opened.warehouse.insert(name, rowText([{ ...row, ...oneEntry(table) }]))
      expect(await opened.warehouse.query(`SELECT count() AS rows FROM v_${name}`), `${name} by ${key}`).toEqual([
        { rows: 1 },
      ])
    }
  })
})
