import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Crash, type Row, runFlow } from './crashing-flow.ts'

const row: fc.Arbitrary<Row> = fc.record({
  kind: fc.oneof(
    { weight: 6, arbitrary: fc.constant('whole' as const) },
    fc.constantFrom('damaged' as const, 'foreign' as const),
  ),
  inLine: fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, fc.constant(false)),
  chunks: fc.array(fc.nat(4), { minLength: 1, maxLength: 4 }),
})

const crash: fc.Arbitrary<Crash> = fc.record({
  step: fc.integer({ min: 1, max: 60 }),
  how: fc.constantFrom('throw' as const, 'stop' as const),
  reopen: fc.boolean(),
})

const numRuns = 30

describe('all operators in a row', () => {
  it('write the same records whatever crashes they have', async () => {
    let disturbed = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 12 }),
        fc.array(crash, { minLength: 1, maxLength: 6 }),
        async (rows, crashes) => {
          const calm = await runFlow(rows, [])
          const conversations = rows.filter(({ kind }) => kind !== 'foreign')
          expect(calm.topics.merged).toHaveLength(conversations.flatMap(({ chunks }) => chunks).length)
          expect(calm.landed.size).toBe(calm.topics.merged!.length)
          const crashed = await runFlow(rows, crashes)
          expect(crashed).toEqual(calm)
          disturbed++
        },
      ),
      { numRuns, timeout: 20_000 },
    )
    expect(disturbed).toBe(numRuns)
  })
})
