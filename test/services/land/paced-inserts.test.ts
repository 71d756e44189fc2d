import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { pacedInserts } from '../../../services/land/paced-inserts.ts'
import { rowText } from '../../../services/land/row-text.ts'
import type { Warehouse } from '../../../services/land/warehouse.ts'
import { rowsIn } from './rows-in.ts'

interface Insert {
  table: string
  rows: Record<string, unknown>[]
  at: number
}

/** A warehouse that notes what it is asked to write; a row with `bad` fails its whole insert. */
const noting = (tookMs = 0) => {
  const inserts: Insert[] = []
  const written: unknown[] = []
  const warehouse: Warehouse = {
    query: async () => [],
    queryTable: async () => ({ names: [], rows: [] }),
    command: async () => undefined,
    async insert(table, text) {
      const rows = rowsIn(text)
      inserts.push({ table, rows, at: performance.now() })
      await sleep(tookMs)
      if (rows.some(({ bad }) => bad)) throw new Error('a bad row')
      written.push(...rows.map(({ n }) => n))
    },
    close: async () => undefined,
  }
  return { warehouse, inserts, written }
}

const row = (n: number, line = 'a') => ({ line, generation: 1, n, bad: false })

describe('pacedInserts', () => {
  it('writes the first rows at once and what comes meanwhile as one insert', async () => {
    const { warehouse, inserts } = noting()
    const paced = pacedInserts(warehouse, { leastMs: 200, mostMs: 1000, share: 0 })
    const began = performance.now()
    await paced.insert('chunks', rowText([row(0)]))
    expect(performance.now() - began).toBeLessThan(100)
    await Promise.all([1, 2, 3, 4].map((n) => paced.insert('chunks', rowText([row(n)]))))
    expect(inserts.map(({ rows }) => rows.map(({ n }) => n))).toEqual([[0], [1, 2, 3, 4]])
    expect(inserts[1]!.at - inserts[0]!.at).toBeGreaterThan(190)
  })

  it('resolves when the rows are written, not before', async () => {
    const { warehouse, written } = noting(50)
    const paced = pacedInserts(warehouse, { leastMs: 20, mostMs: 1000, share: 0 })
    await Promise.all(
      Array.from({ length: 20 }, async (_, n) => {
        await sleep(n * 7)
        await paced.insert('chunks', rowText([row(n)]))
        expect(written).toContain(n)
      }),
    )
    expect(written).toHaveLength(20)
  })

  it('keeps tables apart and takes lines together', async () => {
    const { warehouse, inserts } = noting()
    const paced = pacedInserts(warehouse, { leastMs: 30, mostMs: 1000, share: 0 })
    await Promise.all(
      [0, 1, 2].flatMap((n) => [
        paced.insert('chunks', rowText([row(n, 'a')])),
        paced.insert('chunks', rowText([row(n, 'b')])),
        paced.insert('calls', rowText([row(n, 'a')])),
      ]),
    )
    expect(inserts.map(({ table, rows }) => `${table} ${rows.length}`).sort()).toEqual([
      ...['calls 1', 'calls 2', 'chunks 1', 'chunks 5'],
    ])
  })

  it('pauses the longer the longer an insert took, up to a limit', async () => {
    const { warehouse, inserts } = noting(50)
    const paced = pacedInserts(warehouse, { leastMs: 0, mostMs: 300, share: 1000 })
    await paced.insert('chunks', rowText([row(0)]))
    await paced.insert('chunks', rowText([row(1)]))
    expect(inserts[1]!.at - inserts[0]!.at).toBeGreaterThan(340)
  })

  it('does not pause when there are rows enough for a whole insert', async () => {
    const { warehouse, inserts } = noting()
    const paced = pacedInserts(warehouse, { leastMs: 3_600_000, mostMs: 3_600_000, share: 0 })
    await paced.insert('chunks', rowText([row(0)]))
    await Promise.all([
      paced.insert('chunks', rowText([row(1)])),
      paced.insert('chunks', rowText(Array.from({ length: 49_999 }, (_, n) => row(n)))),
    ])
    expect(inserts.map(({ rows }) => rows.length)).toEqual([1, 50_000])
  })

  it('does not pause when there are bytes enough, and counts anew behind them', async () => {
    const { warehouse, inserts } = noting()
    const paced = pacedInserts(warehouse, { leastMs: 3_600_000, mostMs: 3_600_000, share: 0 })
    const large = (n: number, units = 2 ** 20) => rowText([{ ...row(n), content: 'x'.repeat(units) }])
    await paced.insert('messages', large(0, 0))
    await Promise.all([1, 2, 3, 4].map((n) => paced.insert('messages', large(n))))
    void paced.insert('messages', large(5))
    await sleep(50)
    expect(inserts.map(({ rows }) => rows.map(({ n }) => n))).toEqual([[0], [1, 2, 3, 4]])
    paced.hurry()
  })

  it('writes at once what waits, and all that comes, when it is hurried', async () => {
    const { warehouse, inserts } = noting()
    const paced = pacedInserts(warehouse, { leastMs: 3_600_000, mostMs: 3_600_000, share: 0 })
    await paced.insert('chunks', rowText([row(0)]))
    const waiting = paced.insert('chunks', rowText([row(1)]))
    paced.hurry()
    await waiting
    await paced.insert('chunks', rowText([row(2)]))
    expect(inserts.map(({ rows }) => rows.map(({ n }) => n))).toEqual([[0], [1], [2]])
  })

  it('pauses in a hurry too, but for no longer than an insert takes', async () => {
    const { warehouse, inserts } = noting(100)
    const paced = pacedInserts(warehouse, { leastMs: 3_600_000, mostMs: 3_600_000, share: 0 })
    paced.hurry()
    await paced.insert('chunks', rowText([row(0)]))
    const first = paced.insert('chunks', rowText([row(1)]))
    await sleep(20)
    await Promise.all([first, paced.insert('chunks', rowText([row(2)]))])
    expect(inserts.map(({ rows }) => rows.map(({ n }) => n))).toEqual([[0], [1, 2]])
  })

  it('fails every insert whose rows went with the failing ones, and goes on', async () => {
    const { warehouse, written } = noting()
    const paced = pacedInserts(warehouse, { leastMs: 20, mostMs: 1000, share: 0 })
    await paced.insert('chunks', rowText([row(0)]))
    const together = await Promise.allSettled([
      paced.insert('chunks', rowText([row(1)])),
      paced.insert('chunks', rowText([{ ...row(2), bad: true }])),
    ])
    expect(together.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    await paced.insert('chunks', rowText([row(3)]))
    expect(written).toEqual([0, 3])
  })

  it('splits what is too much for one insert, and loses nothing', async () => {
    const { warehouse, inserts, written } = noting()
    const paced = pacedInserts(warehouse, { leastMs: 5, mostMs: 1000, share: 0 })
    const batch = (from: number) => Array.from({ length: 20_000 }, (_, i) => row(from + i))
    await Promise.all([0, 1, 2, 3, 4, 5].map((i) => paced.insert('chunks', rowText(batch(i * 20_000)))))
    expect(written).toHaveLength(120_000)
    expect(Math.max(...inserts.map(({ rows }) => rows.length))).toBeLessThanOrEqual(50_000)
  })
})
