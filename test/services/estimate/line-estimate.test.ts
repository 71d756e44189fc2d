import { describe, expect, it } from 'vitest'
import { budgetStand } from '../../../services/estimate/budget-stand.ts'
import { costOf, costSum, type Terms } from '../../../services/estimate/line-estimate.ts'
import { defaults, expectedOf, modelMeasures, noMeasures } from '../../../services/estimate/measures.ts'
import { exactly } from '../../../services/estimate/range.ts'
import { emptyTally, type Tally } from '../../../services/estimate/tally.ts'
import { nothing } from '../../../services/translate/ledger.ts'
import { noUsage } from '../../../services/translate/translator.ts'

const tally: Tally = {
  ...emptyTally('s/a', 'm'),
  ...{ rows: 100, sampledRows: 100 },
  ...{ calls: exactly(1000), promptTokens: exactly(200_000), textTokens: exactly(100_000) },
}
const terms = (more: Partial<Terms> = {}): Terms => ({
  expected: expectedOf(noMeasures(), undefined, { tokenizer: 'llama3.1', overhead: 0 }),
  ...{ price: undefined, slots: 10, rates: {}, gpuTokensPerSecond: 1000, servers: 2 },
  ...more,
})

describe('the cost of counted requests', () => {
  it('takes common values as long as nothing is measured', () => {
    const cost = costOf(tally, terms())
    expect(cost.calls.low).toBe(1000)
    expect(cost.calls.high).toBeCloseTo(1080)
    expect(cost.promptTokens.low).toBe(170_000)
    expect(cost.promptTokens.high).toBeCloseTo(259_200)
    expect(cost.answerTokens.low).toBe(100_000)
    expect(cost.answerTokens.high).toBeCloseTo(205_200)
    expect(cost.usd).toBeUndefined()
  })

  it('has hours of GPUs without a price, and their time over all servers', () => {
    const { gpuHours, seconds } = costOf(tally, terms())
    expect(gpuHours!.low * 3600).toBeCloseTo(100)
    expect(gpuHours!.high * 3600).toBeCloseTo(205.2)
    expect(seconds.low).toBeCloseTo(50)
  })

  it('has dollars with a price, and never goes faster than the provider allows', () => {
    const cost = costOf(tally, terms({ price: { prompt: 1, completion: 10 } }))
    expect(cost.usd!.low).toBeCloseTo(0.17 + 1)
    expect(cost.usd!.high).toBeCloseTo(0.2592 + 2.052)
    expect(cost.gpuHours).toBeUndefined()
    const slow = costOf(tally, terms({ price: { prompt: 1, completion: 10 }, rates: { requests_per_minute: 1 } }))
    expect(slow.seconds.low).toBe(60_000)
  })

  it('adds up, and money only where a price is known', () => {
    const priced = costOf(tally, terms({ price: { prompt: 1, completion: 10 } }))
    const sum = costSum([priced, costOf(tally, terms())])
    expect(sum.calls.low).toBe(2000)
    expect(sum.usd).toEqual(priced.usd)
  })
})

describe('what is expected of a line', () => {
  const about = { tokenizer: 'llama3.1', overhead: 50 }

  it('is measured with sampled texts that were answered before', () => {
    const measures = {
      ...{ firsts: 400, checked: 400, further: 40 },
      ...{ ours: { prompt: 40_000, text: 20_000 }, theirs: { prompt: 44_000, completion: 30_000 } },
    }
    const { promptFactor, answerRatio, retries, measured } = expectedOf(measures, undefined, about)
    expect(promptFactor.low).toBeCloseTo(1.1 * 0.98)
    expect(answerRatio.high).toBeCloseTo(1.5 * 1.06)
    expect(retries.low).toBeCloseTo(0.07)
    expect(retries.high).toBeCloseTo(0.14)
    expect(measured).toEqual(['prompt tokens', 'answer tokens', 'further attempts'])
  })

  it('is measured with what a model answered to other texts, and with side runs', () => {
    const usage = {
      ...noUsage,
      model: 'm',
      prompt_tokens: 150,
      completion_tokens: 130,
      cost_usd: 0.001,
      latency_ms: 2000,
    }
    const models = modelMeasures(Array.from({ length: 300 }, () => ({ text: '', usage })))
    const expected = expectedOf(noMeasures(), models.get('m'), { ...about, earlier: { calls: 550, refused: 50 } })
    expect(expected.answerRatio.low).toBeCloseTo(1.3 * 0.85)
    expect(expected.callSeconds!.high).toBeCloseTo(2.4)
    expect(expected.usdPerToken!.low).toBeCloseTo((0.001 / 280) * 0.95)
    expect(expected.retries.high).toBeCloseTo(0.14)
    expect(expected.promptFactor).toEqual(defaults.promptFactor.shipped)
  })

  it('is taken for granted where only a few answers are there', () => {
    const few = modelMeasures([{ text: '', usage: { ...noUsage, model: 'm', latency_ms: 5 } }]).get('m')
    const { measured, ...expected } = expectedOf({ ...noMeasures(), firsts: 5, checked: 5 }, few, about)
    expect(measured).toEqual([])
    expect([expected.answerRatio, expected.retries]).toEqual([defaults.answerRatio, defaults.retries])
  })
})

describe('a budget', () => {
  const cost = costOf(tally, terms({ price: { prompt: 1, completion: 10 } }))
  const spent = { spent: { nano: 3e9, tokens: 0, calls: 0 }, inDoubt: { nano: 1e9, tokens: 0, calls: 0 } }

  it('is too small only when the low end is over what is neither spent nor in doubt', () => {
    expect(budgetStand({ nano: 5.5e9 }, spent, cost)).toMatchObject({ isOver: false, limits: [{ left: 1.5 }] })
    expect(budgetStand({ nano: 5e9 }, spent, cost)).toMatchObject({ isOver: true, limits: [{ unit: 'usd', left: 1 }] })
    expect(budgetStand({ calls: 999 }, { spent: nothing, inDoubt: nothing }, cost).isOver).toBe(true)
  })

  it('of dollars is never too small without a price', () => {
    expect(budgetStand({ nano: 1 }, spent, costOf(tally, terms())).isOver).toBe(false)
  })
})
