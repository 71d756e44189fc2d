import { afterAll, expect, it } from 'vitest'
import { billed } from '../../../../services/translate/calls/billed.ts'
import type { Spending } from '../../../../services/translate/ledger.ts'
import { lmdbMemory } from '../../../../services/translate/lmdb-memory.ts'
import { noUsage, type TranslateRequest, type Translator } from '../../../../services/translate/translator.ts'
import { workFolder } from '../../../system/kalam.ts'

const folders: { remove(): void }[] = []
afterAll(() => {
  for (const folder of folders) folder.remove()
})

/** A translator whose calls cost a dollar for ten characters and as many tokens, behind a budget. */
const setUp = (budget: Partial<Spending>, more: Partial<Translator> = {}, perCall: Partial<Spending> = {}) => {
  const folder = workFolder()
  folders.push(folder)
  const memory = lmdbMemory({ folder: folder.path })
  let underWay = 0
  let mostUnderWay = 0
  const translator: Translator = {
    ...{ backend: 'module', fingerprint: 'f', slots: 8, paid: true, render: ({ text }) => text },
    async translate({ text }) {
      mostUnderWay = Math.max(mostUnderWay, ++underWay)
      await new Promise((resolve) => setTimeout(resolve, 5))
      underWay--
      if (text === 'lost') throw new Error('the connection broke')
      return { text, usage: { ...noUsage, cost_usd: text.length / 10, completion_tokens: text.length } }
    },
    ...more,
  }
  const opened = () => billed(translator, { ledger: memory.ledger, account: 'a', budget, perCall })
  let line = opened()
  let calls = 0
  const ask = async (length: number, text = 'x'.repeat(length)): Promise<string> => {
    const request: TranslateRequest = {
      ...{ text, sourceLanguage: 'en', targetLanguage: 'ar' },
      ...{ id: 'id', messageIndex: 0, sample: 0, attempt: 0 },
    }
    try {
      const { bill, ...answer } = await line.translate(request, { signal: new AbortController().signal })
      await memory.put([{ key: String(calls++), answer, bill }])
      return 'answered'
    } catch (thrown) {
      return (thrown as { code?: string }).code ?? 'failed'
    }
  }
  /** As a process that is started anew. */
  const restart = () => {
    line = opened()
  }
  return {
    ask,
    restart,
    account: () => memory.ledger.account('a'),
    most: () => mostUnderWay,
    close: () => memory.close(),
  }
}
const count = (told: string[], what: string) => told.filter((one) => one === what).length

it.each([
  ['dollars', { nano: 10.5e9 }],
  ['tokens', { tokens: 105 }],
])('keeps a budget in %s where nobody tells what a call can cost', async (_, budget) => {
  const { ask, account, most, close } = setUp(budget)
  const told = await Promise.all(Array.from({ length: 30 }, () => ask(10)))
  expect([count(told, 'answered'), count(told, 'budget_used_up')]).toEqual([10, 20])
  expect(account().spent).toEqual({ nano: 10e9, tokens: 100, calls: 10 })
  // The first goes alone, the others together.
  expect(most()).toBeGreaterThan(4)
  await close()
})

it('lets calls wait for the first answer, also when the first ones are lost', async () => {
  const { ask, most, account, close } = setUp({ nano: 3.5e9 })
  expect(await Promise.all([ask(4, 'lost'), ask(4, 'lost')])).toEqual(['failed', 'failed'])
  expect([most(), account().inDoubt.calls]).toEqual([1, 2])
  const told = await Promise.all(Array.from({ length: 6 }, () => ask(10)))
  expect(count(told, 'answered')).toBe(3)
  await close()
})

it.each([
  ['dollars', { nano: 10.5e9 }, { nano: 2e9 }],
  ['tokens', { tokens: 105 }, { tokens: 20 }],
])('sets aside what a call is said to take at most in %s, from the first one on', async (_, budget, perCall) => {
  const { ask, account, most, close } = setUp(budget, {}, perCall)
  const told = await Promise.all(Array.from({ length: 30 }, () => ask(20)))
  expect([count(told, 'answered'), count(told, 'budget_used_up')]).toEqual([5, 25])
  expect(account().spent).toEqual({ nano: 10e9, tokens: 100, calls: 5 })
  expect(most()).toBe(5)
  await close()
})

it('leaves in doubt what a lost call is said to take at most', async () => {
  const { ask, account, close } = setUp({ nano: 3.5e9 }, {}, { nano: 1e9 })
  expect(await ask(4, 'lost')).toBe('failed')
  expect(account().inDoubt).toEqual({ nano: 1e9, tokens: 0, calls: 1 })
  await close()
})

it('believes a call that is dearer than what was said', async () => {
  const { ask, account, close } = setUp({ nano: 10e9 }, {}, { nano: 1e9 })
  expect(await ask(40)).toBe('answered')
  const told = await Promise.all([ask(40), ask(40), ask(40)])
  expect(count(told, 'answered')).toBe(1)
  expect(account().spent.nano).toBe(8e9)
  await close()
})

it('takes a longer text to cost more', async () => {
  const { ask, account, close } = setUp({ nano: 7e9 })
  expect(await ask(10)).toBe('answered')
  const told = await Promise.all([ask(40), ask(40), ask(40)])
  expect([count(told, 'answered'), account().spent.nano]).toEqual([1, 5e9])
  expect(await ask(70)).toBe('budget_used_up')
  await close()
})

it('pays for nothing more out of a budget that is used up to the last bit, nor after a restart', async () => {
  const { ask, account, restart, close } = setUp({ nano: 3e9 })
  for (let call = 0; call < 3; call++) expect(await ask(10)).toBe('answered')
  restart()
  expect(await ask(10)).toBe('budget_used_up')
  expect(account().spent.nano).toBe(3e9)
  await close()
})

it('takes no text for so much dearer than a greeting as it is longer: both have the prompt', async () => {
  const flat: Partial<Translator> = {
    render: ({ text }) => `${'rules '.repeat(200)}${text}`,
    translate: async ({ text }) => ({ text, usage: { ...noUsage, cost_usd: 1 } }),
  }
  const { ask, account, close } = setUp({ nano: 10e9 }, flat)
  for (let call = 0; call < 9; call++) expect(await ask(call === 0 ? 6 : 90)).toBe('answered')
  expect(account().spent.nano).toBe(9e9)
  await close()
})

it('believes what calls are said to take at most for texts of any length', async () => {
  const { ask, close } = setUp(
    { nano: 5e9 },
    { translate: async ({ text }) => ({ text, usage: { ...noUsage, cost_usd: 1 } }) },
    { nano: 1.1e9 },
  )
  expect([await ask(1), await ask(1000), await ask(1000)]).toEqual(['answered', 'answered', 'answered'])
  await close()
})

it('sets aside what a call can cost at most where that is known, and makes them at once', async () => {
  const { ask, account, most, close } = setUp({ tokens: 100 }, { most: () => ({ prompt: 5, completion: 20 }) })
  const told = await Promise.all(Array.from({ length: 30 }, () => ask(10)))
  expect([most(), account().spent.tokens <= 100, count(told, 'answered') >= 7]).toEqual([4, true, true])
  await close()
})
