import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { timeText } from '../../../services/land/land-rows.ts'
import { columnOf } from '../../../services/land/native-column.ts'
import { nativeRows } from '../../../services/land/native-rows.ts'
import { joinRowTexts, rowText } from '../../../services/land/row-text.ts'
import { placeColumns, storedType, type Table, tables, traceColumns } from '../../../services/land/tables.ts'
import { nativeText } from './native-text.ts'
import { type OpenedForTest, warehouses } from './warehouses.ts'

const landed = tables.filter(({ columns }) => columns[0]![0] === 'line')
const own = ({ columns }: Table) => columns.slice(placeColumns.length, -traceColumns.length)

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.constantFrom(
    '',
    'translated',
    'x'.repeat(41),
    'ش'.repeat(42),
    'x'.repeat(86),
    'ة'.repeat(5462),
    'z'.repeat(16_400),
  ),
)
const whole = (bits: number) => fc.integer({ min: 0, max: 2 ** bits - 1 })
const numbers: Record<string, fc.Arbitrary<unknown>> = {
  Bool: fc.boolean(),
  UInt16: whole(16),
  UInt32: whole(32),
  UInt64: fc.maxSafeNat(),
  Int32: fc.integer(),
  Float64: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
}

/** Values of a column as land-rows gives them. */
const valuesOf = (type: string): fc.Arbitrary<unknown> => {
  if (numbers[type]) return numbers[type]
  if (type.startsWith('DateTime64')) return fc.integer({ min: 0, max: 4_000_000_000_000 })
  if (type === 'String' || type === 'LowCardinality(String)') return text
  const [, outer = '', within = ''] = /^(\w+)\((.*)\)$/.exec(type) ?? []
  if (outer === 'Nullable') return fc.option(valuesOf(within))
  if (outer === 'Array') return fc.array(valuesOf(within), { maxLength: 5 })
  return fc.dictionary(text, valuesOf(within.slice(within.indexOf(', ') + 2)), { maxKeys: 6 })
}

/** Conversations of a table: of each the entries that its records give. */
const conversations = (table: Table) =>
  fc.array(
    fc.array(fc.record(Object.fromEntries(own(table).map(([name, type]) => [name, valuesOf(type)]))), {
      minLength: 1,
      maxLength: table.lists ? 6 : 1,
    }),
    { minLength: 1, maxLength: 12 },
  )

const jsonValue = (type: string, value: unknown): unknown =>
  type.startsWith('DateTime64') ? timeText(value as number) : value

describe.each(warehouses)('blocks in %s', (_name, open) => {
  let opened: OpenedForTest
  let case_ = 0
  beforeAll(async () => {
    opened = await open()
  })
  afterAll(() => opened.close())

  it.each(landed.map((table) => [table.name, table] as const))(
    'hold of %s what lists of JSON do',
    async (name, table) => {
      await fc.assert(
        fc.asyncProperty(conversations(table), async (all) => {
          const split = `case${case_++}`
          const place = (line: string, row: number) => ({
            ...{ line, generation: 1, source: 's', split, row: String(row), partition: 3 },
          })
          const json = all.map((entries, row) => {
            const lists = own(table).map(([column, type]): [string, unknown] => {
              const values = entries.map((entry) => jsonValue(type, entry[column]))
              return [column, table.lists ? values : values[0]]
            })
            return { ...place('json', row), ...Object.fromEntries(lists), offset: 10 * row + entries.length }
          })
          const native = all.flatMap((entries, row) =>
            entries.map((entry, n) => ({ ...place('native', row), ...entry, offset: 10 * row + n + 1 })),
          )
          const half = Math.ceil(native.length / 2)
          await opened.warehouse.insert(name, rowText(json))
          // Two blocks where no conversation is cut by that.
          const blocks = table.lists
            ? nativeText(name, native)
            : joinRowTexts([nativeText(name, native.slice(0, half)), nativeText(name, native.slice(half))])
          await opened.warehouse.insert(name, blocks)
          const rows = (line: string) =>
            opened.warehouse.query(
              `SELECT * EXCEPT line FROM ${name} FINAL WHERE split = {split:String} AND line = {line:String} ORDER BY ALL`,
              { split, line },
            )
          const found = await rows('native')
          expect(found).toHaveLength(all.length)
          expect(found).toEqual(await rows('json'))
        }),
        { numRuns: 6 },
      )
    },
    120_000,
  )

  it('hold more labels than a byte and two bytes number', async () => {
    for (const count of [255, 256, 257, 65_535, 65_537]) {
      const labels = Array.from({ length: count + 2 }, (_, n) => `label ${n % count}`)
      const rows = labels.map((role, n) => ({ split: `labels${count}`, row: '0', message_index: n, role }))
      await opened.warehouse.insert('messages', nativeText('messages', rows))
      const found = await opened.warehouse.query<{ role: string }>(
        'SELECT role FROM messages WHERE split = {split:String} ORDER BY message_index',
        { split: `labels${count}` },
      )
      expect(found.map(({ role }) => role)).toEqual(labels)
    }
  })

  it('hold the default of every column that a row lacks', async () => {
    for (const { name } of landed) {
      await opened.warehouse.insert(name, nativeText(name, [{ line: 'native', split: 'defaults' }]))
      await opened.warehouse.insert(name, rowText([{ line: 'json', split: 'defaults' }]))
      const [native, json] = await opened.warehouse.query<Record<string, unknown>>(
        `SELECT * EXCEPT line FROM ${name} WHERE split = 'defaults' ORDER BY line DESC`,
      )
      const lists = landed.find((table) => table.name === name)!.lists ?? []
      for (const list of lists) expect(native![list]).toHaveLength(1)
      expect({ ...native, ...Object.fromEntries(lists.map((list) => [list, []])) }).toEqual(json)
    }
  })
})

it('is empty after it was taken, and counts its bytes', () => {
  const rows = nativeRows('messages')
  const base = { line: 'l', generation: 1, source: 's', split: 't', row: '0', partition: 0, offset: 0 }
  rows.add({ table: 'messages', base, row: { message_index: 0, role: 'user', content: 'x'.repeat(100_000) } })
  expect(rows.bytes).toBeGreaterThan(100_000)
  expect(rows.bytes).toBeLessThan(100_200)
  expect(rows.take()).toMatchObject({ format: 'Native', rows: 1 })
  expect([rows.rows, rows.bytes]).toEqual([0, 0])
})

it('refuses a type that no table has', () => {
  for (const type of ['Date', 'Nullable(String)', 'Tuple(UInt16)']) {
    expect(() => columnOf(type)).toThrow(`no column has the type ${type}`)
  }
  for (const table of landed) for (const column of table.columns) columnOf(storedType(table, column))
})
