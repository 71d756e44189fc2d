import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { failedChunks } from '../../../services/report/failed-chunks.ts'
import { type OpenedForTest, warehouses } from '../land/warehouses.ts'
import { configOf, land } from './landed.ts'

describe.each(warehouses)('failed chunks, in %s', (_name, open) => {
  let opened: OpenedForTest
  beforeAll(async () => {
    opened = await open()
    const chunks = (row: string, line: string, ...status: string[]) => ({
      ...{ row, line, status },
      reason: status.map((end) => (end === 'failed' ? 'empty' : '')),
      ...Object.fromEntries(['message_index', 'chunk_index'].map((name) => [name, status.map((_, at) => at)])),
      // A list has as many entries in every column.
      ...Object.fromEntries(
        ['record_index', 'part_index', 'start', 'chars_source', 'chars_target', 'attempts'].map((name) => [
          name,
          status.map(() => 0),
        ]),
      ),
      ...Object.fromEntries(['part_type', 'target_hash', 'backend'].map((name) => [name, status.map(() => '')])),
    })
    await land(opened.warehouse, { table: 'chunks', stage: 'translate' }, [
      chunks('0', 'a', 'translated', 'failed', 'failed'),
      chunks('1', 'b', 'failed', 'kept'),
      chunks('0', 'old', 'failed'),
    ])
  })
  afterAll(() => opened.close())

  it.each([
    [['a', 'b'], 3, `status = 'failed' AND line IN ('a', 'b')`],
    [['b'], 1, `status = 'failed' AND line IN ('b')`],
    [['a', 'b', 'old'], 4, `status = 'failed'`],
    [['new'], 0, `status = 'failed' AND line IN ('new')`],
  ])('of %j are %i, and the query lists them alone', async (lines, count, condition) => {
    const found = await failedChunks(opened.warehouse, configOf(lines))
    expect(found).toEqual({ count, query: `SELECT id, line, reason FROM v_chunks WHERE ${condition}` })
    expect(await opened.warehouse.query(found.query)).toHaveLength(count)
  })
})
