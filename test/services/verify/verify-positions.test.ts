import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { embeddedLog } from '../../../dataflow/embedded/embedded-log.ts'
import type { Log, OutputRecord, Positions } from '../../../dataflow/log.ts'
import type { StageLine } from '../../../services/flow.ts'
import { settledLog } from '../../../services/verify/settled-log.ts'
import { verifyPositions } from '../../../services/verify/verify-positions.ts'
import { verifyTransactions } from '../../../services/verify/verify-transactions.ts'
import { workFolder } from '../../system/kalam.ts'

const folder = workFolder()
let log: Log
let logs = 0
beforeEach(async () => {
  log = embeddedLog({ folder: join(folder.path, `log-${logs++}`) })
  await log.createTopics(['p.a', 'p.b', 'p.out', 'q.a'].map((topic) => ({ topic, partitions: 1 })))
})
afterEach(() => log.close())
afterAll(() => folder.remove())

const record = (topic: string, position?: string): OutputRecord => ({
  ...{ topic, partition: 0, key: 'k', value: new Uint8Array(), timestamp: 0 },
  headers: position === undefined ? {} : { position },
})
const append = async (...records: OutputRecord[]): Promise<void> => {
  const writer = await log.writer('test')
  await writer.commit(records)
  await writer.close()
}

describe('verifyPositions', () => {
  const stage = { stage: 'rank', line: 'l', group: 'p.rank.l.g1', inputs: ['p.a', 'p.b'], output: 'p.out' }
  const inputs = [1, 2, 3, 4].flatMap(() => [record('p.a'), record('p.b')])

  const commit = async (positions: Positions, ...outputs: string[]): Promise<void> => {
    const { group, inputs } = stage
    const work = (task: { commit(outputs: OutputRecord[], positions: Positions): Promise<void> }) =>
      task.commit(
        outputs.map((position) => record('p.out', position)),
        positions,
      )
    await (await log.join({ group, inputs, work })).done
  }
  const broken = async (): Promise<string[]> => {
    const checks = await verifyPositions(log, [
      { ...stage, ...{ generation: 1, state: 'live', unit: 'records' }, work: async () => undefined } as StageLine,
    ])
    expect(checks.every(({ looked }) => looked > 0)).toBe(true)
    return checks.flatMap((check) => check.broken)
  }

  it('finds nothing where a stage stands, half way or nowhere', async () => {
    await append(...inputs)
    expect(await broken()).toEqual([])
    await commit({ 'p.a': 2, 'p.b': 3 }, '1,1', '1,1', '2,3')
    expect(await broken()).toEqual([])
    await commit({ 'p.a': 4, 'p.b': 4 }, '4,4')
    expect(await broken()).toEqual([])
  })

  it('finds a group that stands behind the end of its topic', async () => {
    await append(...inputs)
    await commit({ 'p.a': 4, 'p.b': 9 })
    expect(await broken()).toEqual(['p.rank.l.g1: p.b, partition 0: at 9, the topic ends at 4'])
  })

  it('finds a group that was set back, and outputs made of what is not there', async () => {
    await append(...inputs)
    await commit({ 'p.a': 4, 'p.b': 4 }, '4,4')
    await commit({ 'p.a': 0, 'p.b': 4 })
    const out = 'p.out, partition 0'
    expect(await broken()).toEqual([`${out}: made of p.a up to 4, p.rank.l.g1 is at 0 of 4`])
    await commit({ 'p.a': 4, 'p.b': 4 }, '4,7')
    expect(await broken()).toEqual([`${out}: made of p.b up to 7, p.rank.l.g1 is at 4 of 4`])
  })

  it('finds outputs that were made twice, and those that do not say of what', async () => {
    await append(...inputs)
    await commit({ 'p.a': 4, 'p.b': 4 }, '2,2', '3,4', '2,4', '4,4')
    await append(record('p.out'), record('p.out', '4'), record('p.out', '4,x'))
    expect(await broken()).toEqual([
      'p.out, partition 0, offset 2: position 2,4 behind 3,4',
      'p.out, partition 0, offset 4: its position is ""',
      'p.out, partition 0, offset 5: its position is "4"',
      'p.out, partition 0, offset 6: its position is "4,x"',
    ])
  })
})

describe('verifyTransactions', () => {
  /** The log, as one would see it where a transaction is open in `p.a` from an offset on. */
  const withOpen = (at: () => number): Log => ({
    ...log,
    committedEnds: async (topic) => (topic === 'p.a' ? [at()] : log.ends(topic)),
  })

  it('says nothing of a log that never shows open transactions', async () => {
    expect(await verifyTransactions(log, 'p', 10)).toBeUndefined()
    expect(settledLog(log)).toBe(log)
  })

  it('finds one that stays open, and none that ends or makes way for the next', async () => {
    await append(record('p.a'), record('p.a'), record('p.a'))
    const check = (at: () => number) => verifyTransactions(withOpen(at), 'p', 100)
    expect(await check(() => 1)).toEqual({
      name: 'no transaction hangs',
      looked: 3,
      broken: ['p.a, partition 0: one is open at offset 1, with 2 behind it'],
    })
    let asked = 0
    expect(await check(() => Math.min(3, asked++))).toMatchObject({ looked: 3, broken: [] })
    asked = 0
    expect(await check(() => Math.min(2, asked++))).toMatchObject({ broken: [] })
  })

  it('lets scans end before it', async () => {
    await append(record('p.a'), record('p.a'), record('p.a'))
    const offsets = async (from: number, to?: number) => {
      const found: number[] = []
      for await (const records of settledLog(withOpen(() => 2)).scan('p.a', 0, from, to))
        found.push(...records.map(({ offset }) => offset))
      return found
    }
    expect(await offsets(0)).toEqual([0, 1])
    expect(await offsets(0, 1)).toEqual([0])
  })
})
