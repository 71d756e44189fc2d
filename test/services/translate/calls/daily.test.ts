import { expect, it } from 'vitest'
import { daily } from '../../../../services/translate/calls/daily.ts'
import { lmdbMemory } from '../../../../services/translate/lmdb-memory.ts'
import { noUsage, type Translator } from '../../../../services/translate/translator.ts'
import { workFolder } from '../../../system/kalam.ts'
import { calm, requestOf } from '../fake-line.ts'

const dayMs = 86_400_000
const noon = 20_000 * dayMs + dayMs / 2

it('makes no more calls in a day than allowed, over restarts too, and goes on with the next day', async () => {
  const folder = workFolder()
  let calls = 0
  const backend: Translator = {
    ...{ backend: 'counting', fingerprint: 'counting', slots: 1, paid: true, render: ({ text }) => text },
    translate: async ({ text }) => {
      calls++
      return { text, usage: noUsage }
    },
  }
  /** Asks so many times in a process of its own, and tells the errors. */
  const run = async (times: number, nowMs: number) => {
    const memory = lmdbMemory({ folder: folder.path })
    const quota = { ledger: memory.ledger, account: 'gemma3', mostCalls: 5, now: () => nowMs }
    const translator = daily(backend, quota)
    const asked = Array.from({ length: times }, () => translator.translate(requestOf('Hello'), { signal: calm }))
    const ended = await Promise.allSettled(asked)
    await memory.close()
    return ended.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
  }
  expect(await run(3, noon)).toEqual([])
  const refused = await run(4, noon + 1000)
  expect([calls, refused.length]).toEqual([5, 2])
  expect(refused[0]).toMatchObject({
    code: 'rate_limited',
    message: expect.stringContaining('the 5 calls of this day are made'),
    hint: expect.stringContaining('translators.gemma3.rates.requests_per_day'),
    details: { retryAfterMs: dayMs / 2 - 1000 },
  })
  expect(await run(5, noon + dayMs / 2)).toEqual([])
  expect(calls).toBe(10)
  folder.remove()
})

it('begins no day anew when the clock goes back over midnight', async () => {
  const folder = workFolder()
  const { ledger, close } = lmdbMemory({ folder: folder.path })
  const taken: boolean[] = []
  for (const day of [10, 10, 10, 11, 10, 10, 11, 12]) taken.push(await ledger.takeOfDay('gemma3', day, 2))
  expect(taken).toEqual([true, true, false, true, true, false, false, true])
  await close()
  folder.remove()
})

it('counts nothing where there is no limit', () => {
  const backend = { translate: async () => ({ text: '', usage: noUsage }) } as unknown as Translator
  const ledger = undefined as never
  expect(daily(backend, { ledger, account: 'a', mostCalls: undefined, now: () => 0 })).toBe(backend)
})
