import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { KalamError } from '../../../dataflow/error.ts'
import { landRows, targetHash } from '../../../services/land/land-rows.ts'
import { type RowText, rowText } from '../../../services/land/row-text.ts'
import { views } from '../../../services/land/schema.ts'
import type { Warehouse } from '../../../services/land/warehouse.ts'
import { workFolder } from '../../dataflow/work-folder.ts'
import { landAtOnce } from './land-at-once.ts'
import { everyKind, type Landing } from './records.ts'
import { type OpenedForTest, warehouses } from './warehouses.ts'

const signal = new AbortController().signal
const landedViews = views.filter(({ name }) => !['v_runs', 'v_selection', 'v_judgments'].includes(name))

describe.each(warehouses)('landing into %s', (_name, open) => {
  let opened: OpenedForTest
  let splits = 0
  beforeAll(async () => {
    opened = await open()
    await opened.warehouse.insert(
      'live_generations',
      rowText(['translate', 'score', 'rank'].map((stage) => ({ stage, line: 'l', generation: 1, offset: 1 }))),
    )
  })
  afterAll(() => opened.close())

  /** Lands batches of records, each topic's into a line of its own as the pipeline does. */
  const land = async (batches: Landing[][], warehouse: Warehouse = opened.warehouse): Promise<void> => {
    for (const batch of batches) {
      for (const name of new Set(batch.map((landing) => landing.name))) {
        const line = name === 'Message' || name === 'DeadLetter' ? name : 'l'
        const records = batch.filter((landing) => landing.name === name).map(({ record }) => record)
        await landAtOnce(warehouse, name, { line, generation: 1, partition: 0 }, signal)(records)
      }
    }
  }

  /** All that the views show of a split, the split's name aside. */
  const shown = async (split: string): Promise<Record<string, unknown[]>> => {
    const found: Record<string, unknown[]> = {}
    for (const { name } of landedViews) {
      const rows = await opened.warehouse.query(`SELECT * FROM ${name} WHERE split = {split:String} ORDER BY ALL`, {
        split,
      })
      found[name] = rows.map((row) => JSON.parse(JSON.stringify(row).replaceAll(split, '<split>')))
    }
    return found
  }

  it('shows every record of every kind once', async () => {
    await land([everyKind('once')])
    const views = await shown('once')
    expect(Object.fromEntries(Object.entries(views).map(([name, rows]) => [name, rows.length]))).toEqual({
      v_conversations: 2,
      v_messages: 4,
      v_chunks: 8,
      v_calls: 12,
      v_targets: 4,
      v_scores: 22,
      v_flags: 8,
      v_candidates: 2,
      v_ranked: 2,
      v_dead_letters: 2,
    })
    expect(views.v_chunks).toContainEqual(
      expect.objectContaining({
        message_index: 1,
        chunk_index: 1,
        start: 5,
        chars_source: 5,
        chars_target: 4,
        target_hash: targetHash('نص'),
        attempts: 2,
      }),
    )
    expect(views.v_calls).toContainEqual(
      expect.objectContaining({ attempt: 1, outcome: 'ok', cost_usd: null, at: '2026-01-02 03:04:05.678' }),
    )
    expect(views.v_candidates).toContainEqual(
      expect.objectContaining({ complete: false, reasons: { empty: 1 }, metrics: { lr: 0.5, scr: null } }),
    )
    expect(views.v_targets).toContainEqual(expect.objectContaining({ target: 'هدف', pseudo: true }))
    expect(views.v_ranked).toContainEqual(
      expect.objectContaining({
        ranking: 'l',
        pseudo: true,
        reasons: ['incomplete', 'lr_below_0.6'],
        candidate_places: [1],
      }),
    )
  })

  it('has a row for a record that could not be decoded, at its place', async () => {
    await land([everyKind('broken')])
    const views = await shown('broken')
    const broken = (rows: unknown[]) => rows.filter((row) => JSON.stringify(row).includes('undecodable'))
    expect(broken(views.v_chunks!)).toEqual([
      expect.objectContaining({ record_index: 2, status: 'failed', reason: 'undecodable' }),
      expect.objectContaining({ record_index: 3, status: 'failed', reason: 'undecodable' }),
    ])
    expect(broken(views.v_ranked!)).toEqual([
      expect.objectContaining({
        keep: false,
        winner: '',
        reasons: ['undecodable'],
        why: expect.stringContaining('decoding'),
      }),
    ])
  })

  it('keeps two dead letters of one file and line apart', async () => {
    await land([everyKind('letters'), everyKind('letters')])
    expect((await shown('letters')).v_dead_letters).toEqual([
      expect.objectContaining({ line_number: 7, detail: 'bad 0' }),
      expect.objectContaining({ line_number: 7, detail: 'bad 1' }),
    ])
  })

  it('gives the same views however often and in whatever order and batches conversations come', async () => {
    await land([everyKind('reference')])
    const expected = await shown('reference')
    /** The records of each conversation and topic, which a sink never takes apart. */
    const conversations = (split: string): Landing[][] => [
      ...everyKind(split)
        .reduce((groups, landing) => {
          const key = `${landing.name} ${landing.record.id}`
          return groups.set(key, [...(groups.get(key) ?? []), landing])
        }, new Map<string, Landing[]>())
        .values(),
    ]
    const indices = [...conversations('x').keys()]
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(indices, { minLength: indices.length }),
        fc.array(fc.shuffledSubarray(indices, { minLength: 1 }), { maxLength: 3 }),
        fc.integer({ min: 1, max: 9 }),
        async (all, repeated, size) => {
          const split = `split${splits++}`
          const units = conversations(split)
          const order = [...repeated.flat(), ...all, ...(repeated[0] ?? [])].map((i) => units[i]!)
          const batches = Array.from({ length: Math.ceil(order.length / size) }, (_, i) =>
            order.slice(i * size, (i + 1) * size).flat(),
          )
          await land(batches)
          expect(await shown(split)).toEqual(expected)
        },
      ),
      { numRuns: 6 },
    )
  }, 120_000)

  it('survives inserts that were done but not answered, and those done in part', async () => {
    await land([everyKind('calm')])
    let calls = 0
    const file = join(workFolder(), 'part.native')
    const insertPart = (table: string, { pieces }: RowText, rows: number): Promise<void> => {
      writeFileSync(file, Buffer.concat(pieces))
      return opened.warehouse.command(`INSERT INTO ${table} SELECT * FROM file('${file}', 'Native') LIMIT ${rows}`)
    }
    const rough: Warehouse = {
      ...opened.warehouse,
      async insert(table, rows) {
        calls++
        const partly = calls % 4 === 1
        const unanswered = calls % 4 === 3
        if (partly) await insertPart(table, rows, Math.ceil(rows.rows / 2))
        if (unanswered) await opened.warehouse.insert(table, rows)
        if (partly || unanswered) throw new KalamError('warehouse_unavailable', 'inserting: gone', { retryable: true })
        await opened.warehouse.insert(table, rows)
      },
    }
    const records = everyKind('rough')
    await land([records.slice(0, 9), records.slice(9)], rough)
    expect(await shown('rough')).toEqual(await shown('calm'))
  })

  it('keeps the row with the highest offset, whichever comes last', async () => {
    const row = { run: 'r', started_at: '2026-01-01 00:00:00.000', version: '1' }
    await opened.warehouse.insert('runs', rowText([{ ...row, outcome: 'done', offset: 20 }]))
    await opened.warehouse.insert('runs', rowText([{ ...row, outcome: 'running', offset: 10 }]))
    expect(await opened.warehouse.query('SELECT outcome FROM v_runs')).toEqual([{ outcome: 'done' }])
    await opened.warehouse.command('OPTIMIZE TABLE runs FINAL')
    expect(await opened.warehouse.query('SELECT outcome FROM runs')).toEqual([{ outcome: 'done' }])
  })

  it('shows the live generation of a line alone', async () => {
    const row = { line: 'g', source: 's', split: 'generations', row: '0', partition: 0 }
    for (const generation of [1, 2])
      await opened.warehouse.insert(
        'ranked',
        rowText([{ ...row, generation, winner: `w${generation}`, offset: 5 - generation }]),
      )
    const winners = () => opened.warehouse.query("SELECT winner FROM v_ranked WHERE ranking = 'g'")
    expect(await winners()).toEqual([])
    await opened.warehouse.insert('live_generations', rowText([{ stage: 'rank', line: 'g', generation: 1, offset: 1 }]))
    expect(await winners()).toEqual([{ winner: 'w1' }])
    await opened.warehouse.insert('live_generations', rowText([{ stage: 'rank', line: 'g', generation: 2, offset: 2 }]))
    expect(await winners()).toEqual([{ winner: 'w2' }])
  })

  it('fails at once on what another try would not mend', async () => {
    const broken: Warehouse = {
      ...opened.warehouse,
      insert: (_table, rows) => opened.warehouse.insert('no_such_table', rows),
    }
    await expect(land([everyKind('never')], broken)).rejects.toMatchObject({ code: 'query_failed', retryable: false })
  })

  it('gives up waiting for a warehouse that is away as soon as it is stopped', async () => {
    const stop = new AbortController()
    const away: Warehouse = {
      ...opened.warehouse,
      insert: () => Promise.reject(new KalamError('warehouse_unavailable', 'inserting: away', { retryable: true })),
    }
    const { name, record } = everyKind('away')[0]!
    const began = performance.now()
    setTimeout(() => stop.abort(), 1000)
    await landAtOnce(away, name, { line: 'messages', generation: 1, partition: 0 }, stop.signal)([record])
    expect(performance.now() - began).toBeLessThan(1300)
  })

  it('makes rows from a record alone: the same ones every time', () => {
    for (const { name, record } of everyKind('pure')) {
      const rows = () => landRows(name, record, { line: 'l', generation: 1, partition: 3 })
      expect(rows()).toEqual(rows())
      for (const { base } of rows()) expect(base).toMatchObject({ line: 'l', generation: 1, partition: 3 })
    }
  })
})
