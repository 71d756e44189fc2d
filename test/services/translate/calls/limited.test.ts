import { setTimeout as after } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { KalamError } from '../../../../dataflow/error.ts'
import { limited } from '../../../../services/translate/calls/limited.ts'
import { limiter } from '../../../../services/translate/calls/limiter.ts'
import { noUsage, type Translator } from '../../../../services/translate/translator.ts'
import { fakeOpenai } from '../../../fake-openai/server.ts'
import { backendOf, calm, rejection, requestOf } from '../fake-line.ts'

/** A translator whose calls end when the test says so. */
const heldTranslator = (slots: number) => {
  const held: { text: string; end(outcome?: Error): void }[] = []
  const translator: Translator = {
    backend: 'held',
    fingerprint: 'held',
    slots,
    paid: true,
    render: ({ text }) => text,
    translate: ({ text }) =>
      new Promise((resolve, reject) => {
        held.push({ text, end: (error) => (error ? reject(error) : resolve({ text, usage: noUsage })) })
      }),
  }
  return { held, translator: limited(translator, limiter({ slots })) }
}
const texts = (held: { text: string }[]) => held.map(({ text }) => text)

it('lets its slots call at once and the others in their order', async () => {
  const { held, translator } = heldTranslator(2)
  const calls = Promise.allSettled(
    ['a', 'b', 'c', 'd'].map((text) => translator.translate(requestOf(text), { signal: calm })),
  )
  await expect.poll(() => texts(held)).toEqual(['a', 'b'])
  held[1]!.end()
  await expect.poll(() => texts(held)).toEqual(['a', 'b', 'c'])
  held[0]!.end(new Error('broken'))
  await expect.poll(() => texts(held)).toEqual(['a', 'b', 'c', 'd'])
  for (const { end } of held) end()
  expect((await calls).map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled', 'fulfilled'])
})

it('holds everybody to the strictest rates that are named for an endpoint', async () => {
  let now = 0
  const shared = limiter({ slots: 8, now: () => now })
  let begun = 0
  const call = () =>
    shared.run(1, calm, async () => {
      begun++
      return { text: '', usage: noUsage }
    })
  await Promise.all([call(), call()])
  shared.restrict({ requestsPerMinute: 600 })
  shared.restrict({ requestsPerMinute: 1200, tokensPerMinute: undefined })
  const calls = Promise.all(Array.from({ length: 4 }, call))
  await after(30)
  expect(begun).toBe(2)
  now = 60_000
  await calls
  expect(begun).toBe(6)
})

it('is not closed for all by a limit that a translator has of its own', async () => {
  const shared = limiter({ slots: 2 })
  const limit = (own: boolean) =>
    new KalamError('rate_limited', 'too many', { retryable: true, details: { own, retryAfterMs: 200 } })
  const began = performance.now()
  await rejection(shared.run(1, calm, () => Promise.reject(limit(true))))
  await shared.run(1, calm, async () => ({ text: '', usage: noUsage }))
  expect(performance.now() - began).toBeLessThan(190)
  await rejection(shared.run(1, calm, () => Promise.reject(limit(false))))
  const closed = performance.now()
  const ticking = setInterval(() => undefined, 1000)
  await shared.run(1, calm, async () => ({ text: '', usage: noUsage }))
  clearInterval(ticking)
  expect(performance.now() - closed).toBeGreaterThan(190)
})

it('lets a call that waits go when it is aborted, and gives its turn to the next', async () => {
  const { held, translator } = heldTranslator(1)
  const stop = new AbortController()
  const first = translator.translate(requestOf('a'), { signal: calm })
  const waiting = rejection(translator.translate(requestOf('b'), { signal: stop.signal }))
  const last = translator.translate(requestOf('c'), { signal: calm })
  stop.abort()
  expect(await waiting).toBe(stop.signal.reason)
  expect(await rejection(translator.translate(requestOf('d'), { signal: stop.signal }))).toBe(stop.signal.reason)
  held[0]!.end()
  await first
  await expect.poll(() => texts(held)).toEqual(['a', 'c'])
  held[1]!.end()
  expect((await last).text).toBe('c')
})

it.each(['openai', 'openrouter'] as const)('keeps to what good answers say is left, as %s says it', async (style) => {
  const server = await fakeOpenai({ limits: { requests: 3, windowMs: 300, style, retryAfter: false } })
  const backend = backendOf(server.url, { now: Date.now })
  const translator = limited(backend, limiter({ slots: 1 }))
  const began = Date.now()
  const texts = Array.from({ length: 8 }, (_, i) => `Text ${i}`)
  await Promise.all(texts.map((text) => translator.translate(requestOf(text), { signal: calm })))
  expect(server.books().outcomes).toEqual({ ok: 8 })
  expect(Date.now() - began).toBeGreaterThan(400)
  await backend.close?.()
  await server.close()
})
