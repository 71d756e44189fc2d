import { setImmediate } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { KalamError } from '../../../../dataflow/error.ts'
import { pseudoText } from '../../../../services/translate/backends/pseudo.ts'
import { limited } from '../../../../services/translate/calls/limited.ts'
import { limiter } from '../../../../services/translate/calls/limiter.ts'
import { type RetryOptions, retried } from '../../../../services/translate/calls/retried.ts'
import { noUsage } from '../../../../services/translate/translator.ts'
import type { Fault } from '../../../fake-openai/faults.ts'
import { type FakeOptions, fakeOpenai } from '../../../fake-openai/server.ts'
import { backendOf, calm, quickly, rejection, requestOf } from '../fake-line.ts'

const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

const setUp = async (options: FakeOptions, retry: Partial<RetryOptions> = {}) => {
  const server = await fakeOpenai({ record: true, ...options })
  const waits: { reason: string; waitMs: number }[] = []
  const backend = backendOf(server.url, { timeoutMs: 100, slots: 64 })
  const translator = retried(limited(backend, limiter({ slots: 64 })), {
    ...quickly,
    onWait: (event) => waits.push(event),
    ...retry,
  })
  open.push(server.close, async () => backend.close?.())
  const ask = (text: string, signal = calm) => translator.translate(requestOf(text), { signal })
  /** The segments that came to the server, in their order. */
  const asked = () => server.received.map(({ body }) => segment(body.messages?.at(-1)?.content ?? ''))
  return { server, waits, ask, asked }
}
const segment = (content: string) => /\n<<<TEXT\n([\s\S]*)\nTEXT>>>$/.exec(content)?.[1] ?? ''
const down: Fault = { kind: 'status', status: 500 }
/** Faults of the first rounds of a segment, none afterwards. */
const first = (faults: Fault[]) => ({ fault: ({ round }: { round: number }) => faults[round - 1] })

describe('a call', () => {
  it.each<[string, Fault]>([
    ['an error of the server', down],
    ['a rate limit', { kind: 'status', status: 429 }],
    ['a rate limit that says when', { kind: 'status', status: 429, headers: { 'retry-after-ms': '5' } }],
    ['a reset connection', { kind: 'reset' }],
    ['half a body', { kind: 'half_body' }],
    ['garbage', { kind: 'garbage', text: '{"choices"' }],
    ['no choices', { kind: 'body', body: { choices: [] } }],
    ['an error with status 200', { kind: 'body', body: { error: { code: 503, message: 'x' } } }],
    ['no answer', { kind: 'hang' }],
  ])('gets its answer after %s', async (_name, fault) => {
    const { ask, waits } = await setUp(first([fault, fault]))
    expect((await ask('Hello')).text).toBe(pseudoText('Hello'))
    expect(waits.length).toBeGreaterThanOrEqual(2)
  })

  it('waits twice as long after every failure, up to the longest wait', async () => {
    const limit: Fault = { kind: 'status', status: 429 }
    const { ask, waits } = await setUp(first([limit, limit, limit, limit, limit, limit]))
    await ask('Hello')
    const message = expect.stringContaining('the server answered 429')
    expect(waits).toEqual([1.5, 3, 6, 7.5, 7.5, 7.5].map((waitMs) => ({ reason: 'rate_limited', message, waitMs })))
  })

  it('is not repeated when the server refuses it for good', async () => {
    const { ask, server } = await setUp({ fault: () => ({ kind: 'status', status: 401 }) })
    expect(await rejection(ask('Hello'))).toMatchObject({ code: 'backend_refused' })
    expect(server.stats.calls).toBe(1)
  })

  it('ends at once when it is aborted while it waits', async () => {
    const { ask, waits } = await setUp(first([{ kind: 'status', status: 429, headers: { 'retry-after': '3000' } }]))
    const stop = new AbortController()
    const calls = ['a', 'b'].map((text) => rejection(ask(text, stop.signal)))
    await expect.poll(() => waits.length).toBeGreaterThan(0)
    stop.abort(new Error('stopped'))
    expect(await Promise.all(calls)).toEqual([stop.signal.reason, stop.signal.reason])
  })
})

describe('a call that the server cannot answer', () => {
  const poison: FakeOptions = { fault: ({ body }) => (JSON.stringify(body).includes('poison') ? down : undefined) }

  it('is given up after five tries between which others succeeded', async () => {
    const { ask, asked, server } = await setUp(poison)
    const others = async () => {
      for (let i = 0; i < 400 && server.received.length < 2000; i++) await ask(`Other ${i}`)
    }
    const [thrown] = await Promise.all([rejection(ask('poison')), others()])
    expect(thrown).toMatchObject({ code: 'server_error', retryable: true })
    expect(asked().filter((text) => text === 'poison')).toHaveLength(5)
  })

  it('is given up after five tries when no other call is left, because a greeting is answered', async () => {
    const { ask, asked } = await setUp(poison)
    expect(await rejection(ask('poison'))).toBeInstanceOf(KalamError)
    expect(asked()).toEqual(Array.from({ length: 9 }, (_, i) => (i % 2 === 0 ? 'poison' : 'Hello.')))
  })

  it('is given up in the same way when it makes the server hang', async () => {
    const { ask, asked } = await setUp({
      fault: ({ body }) => (JSON.stringify(body).includes('poison') ? { kind: 'hang' } : undefined),
    })
    expect(await rejection(ask('poison'))).toMatchObject({ code: 'timeout' })
    expect(asked().filter((text) => text === 'poison')).toHaveLength(5)
  })
})

describe('an outage', () => {
  it('told by refusals is no fault of the texts, also while answers of before are on their way', async () => {
    let refuses = false
    const { ask, asked } = await setUp({
      latencyMs: 60,
      fault: () => (refuses ? { kind: 'status', status: 403 } : undefined),
    })
    const before = Array.from({ length: 4 }, (_, i) => ask(`Before ${i}`))
    await expect.poll(() => asked().length).toBe(4)
    refuses = true
    const after = Array.from({ length: 6 }, (_, i) => rejection(ask(`After ${i}`)))
    expect((await Promise.all(before)).every(({ text }) => text !== '')).toBe(true)
    for (const thrown of await Promise.all(after)) {
      expect(thrown).toMatchObject({ code: 'backend_refused', details: { status: 403 } })
      expect(thrown).not.toMatchObject({ details: { ofText: true } })
    }
    expect(asked()).toContain('Hello.')
  })

  it('fails no call however long it lasts, and calls go on by themselves', async () => {
    const { ask, asked, server, waits } = await setUp({})
    await ask('Before')
    server.setDown(true)
    const calls = Array.from({ length: 6 }, (_, i) => ask(`Call ${i}`))
    await expect.poll(() => waits.length).toBeGreaterThan(20)
    server.setDown(false)
    expect((await Promise.all(calls)).every(({ text }) => text !== '')).toBe(true)
    // While it lasts, one greeting at a time asks for all of them.
    const tries = asked().filter((text) => text.startsWith('Call'))
    expect(tries.length).toBeLessThanOrEqual(6 * 3)
  })

  it('is over for others too when the call that failed last has been aborted', async () => {
    const { ask, asked, server, waits } = await setUp({})
    server.setDown(true)
    const calls = Array.from({ length: 5 }, (_, i) => ask(`Call ${i}`))
    await expect.poll(() => waits.length).toBeGreaterThan(5)
    const stop = new AbortController()
    const aborted = rejection(ask('Aborted', stop.signal))
    await expect.poll(asked).toContain('Aborted')
    await expect.poll(() => waits.length).toBeGreaterThan(20)
    stop.abort(new Error('it moved'))
    expect(await aborted).toMatchObject({ message: 'it moved' })
    server.setDown(false)
    expect((await Promise.all(calls)).every(({ text }) => text !== '')).toBe(true)
  })

  it('is not disproved by a greeting that began before it', async () => {
    const greetings: ((thrown?: KalamError) => void)[] = []
    const refused = () => new KalamError('backend_refused', 'refused', { details: { status: 403 } })
    const translator = retried(
      {
        ...{ backend: 'held', fingerprint: 'held', slots: 8, paid: true, render: ({ text }) => text },
        translate: ({ text }, { onPlace }) => {
          onPlace?.()
          if (text !== 'Hello.') return Promise.reject(refused())
          return new Promise((answer, refuse) => {
            greetings.push((thrown) => (thrown ? refuse(thrown) : answer({ text: '', usage: noUsage })))
          })
        },
      },
      quickly,
    )
    const ask = (text: string) => rejection(translator.translate(requestOf(text), { signal: calm }))
    const own = ask('A text that is refused for itself')
    await expect.poll(() => greetings.length).toBe(1)
    const outage = ask('A text that is refused for all')
    await setImmediate()
    greetings[0]!()
    expect(await own).toMatchObject({ details: { ofText: true } })
    await expect.poll(() => greetings.length).toBe(2)
    greetings[1]!(refused())
    expect(await outage).not.toMatchObject({ details: { ofText: true } })
  })

  it('ends in the refusal when the server comes back and refuses', async () => {
    let status = 500
    const { ask, waits } = await setUp({ fault: () => ({ kind: 'status', status }) })
    const call = rejection(ask('Hello'))
    await expect.poll(() => waits.length).toBeGreaterThan(3)
    status = 404
    expect(await call).toMatchObject({ code: 'backend_refused', details: { status: 404 } })
  })
})

it('keeps everybody away for as long as the server asks', async () => {
  let limited = false
  const { ask, asked, waits } = await setUp({
    fault: () => {
      if (limited) return undefined
      limited = true
      return { kind: 'status', status: 429, headers: { 'retry-after-ms': '300' } }
    },
  })
  const early = ask('First')
  await expect.poll(() => waits.length).toBe(1)
  const others = Array.from({ length: 5 }, (_, i) => ask(`Other ${i}`))
  await new Promise((resolve) => setTimeout(resolve, 30))
  expect(asked()).toEqual(['First'])
  await Promise.all([early, ...others])
  expect(asked()).toHaveLength(7)
})
