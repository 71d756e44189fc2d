import { expect, it } from 'vitest'
import type { BookedCall } from './books.ts'
import { busyShare } from './busy-share.ts'
import { fakeProcess } from './own-process.ts'

const ask = async (url: string, content: string) => {
  const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content }] })
  return (await fetch(`${url}/chat/completions`, { method: 'POST', body })).status
}

it('runs several servers in a process of their own, one of them sick', async () => {
  const server = await fakeProcess({ servers: 3, sick: { serverErrors: 1 } })
  try {
    const urls = server.url.split(',')
    expect(await Promise.all(urls.map((url) => ask(url, 'one')))).toEqual([500, 200, 200])
    await expect
      .poll(server.books)
      .toMatchObject({ calls: 3, requests: 1, paid: 2, outcomes: { ok: 2, status_500: 1 } })
    await server.set({ serverErrors: 0 })
    expect(await ask(urls[0]!, 'two')).toBe(200)
    await server.clear()
    expect(await server.calls()).toEqual([])
  } finally {
    await server.stop()
  }
})

it('tells how busy slots were, from the warm-up on until the last body came', () => {
  const call = (startMs: number, endMs: number, round = 1): BookedCall => ({
    ...{ hash: '', round, sample: 0, attempt: 0, outcome: 'ok', paid: true },
    ...{ nano: 0, promptTokens: 0, completionTokens: 0, startMs, endMs },
  })
  const calls = [call(0, 4000), call(0, 3500), call(4000, 6000), call(5000, 9000), call(8000, 8100, 2)]
  const busy = busyShare(calls, 2)
  expect(busy).toMatchObject({ seconds: 2, calls: 2 })
  expect(busy.share).toBeCloseTo((1000 + 500 + 1000) / 4000)
  expect(busy.worstSecond).toBeCloseTo(0.5)
})
