import { request } from 'undici'
import { afterEach, describe, expect, it } from 'vitest'
import { prompts } from '../../services/translate/prompts/index.ts'
import type { CompletionRequest } from './completion.ts'
import { type FakeOptions, fakeOpenai } from './server.ts'

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

type Server = Awaited<ReturnType<typeof fakeOpenai>>
const start = async (options: FakeOptions = {}): Promise<Server> => {
  const server = await fakeOpenai(options)
  open.push(server.close)
  return server
}
const bodyOf = (text: string, more: Partial<CompletionRequest> = {}): CompletionRequest => ({
  model: 'm',
  ...prompts.instruct.render({ text, sourceLanguage: 'en', targetLanguage: 'ar' }),
  ...more,
})
/** What came back of a call, or what kept it from coming. */
const call = async ({ url }: Server, body: CompletionRequest, timeoutMs = 5000) => {
  try {
    const answer = await request(`${url}/chat/completions`, {
      method: 'POST',
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    })
    const text = await answer.body.text()
    return { status: answer.statusCode, headers: answer.headers, text }
  } catch (thrown) {
    return { status: 0, headers: {}, text: (thrown as Error).name }
  }
}
const answerIn = (text: string): string => JSON.parse(text).choices[0].message.content

describe('an answer', () => {
  it('keeps sentinels, whatever stands around them', async () => {
    const server = await start()
    const { text } = await call(server, bodyOf('Call ⟦1⟧ and XZ12Q now'))
    expect(answerIn(text)).toMatch(/^[^a-z]+ ⟦1⟧ [^a-z]+ XZ12Q [^a-z]+$/)
  })

  it('is to the segment between the markers of a template', async () => {
    const server = await start({ markers: { open: '<t>', close: '</t>' } })
    const messages = [{ role: 'user', content: 'Put <t>one</t> into Arabic, then:\n<t>two</t>' }]
    const plain = await start()
    const expected = answerIn((await call(plain, bodyOf('two'))).text)
    expect(answerIn((await call(server, { model: 'm', messages })).text)).toBe(expected)
  })

  it.each<[string, FakeOptions, RegExp]>([
    ['empty', { empties: 1 }, /^$/],
    ['cut', { cut: 1 }, /^[^a-z]{5,12}$/],
    ['refusal', { refusals: 1 }, /cannot help|لا أستطيع/],
    ['preamble', { preambles: 1 }, /^(Here is|إليك).*:\n\n[^a-z]+XZ7Q/],
    ['echo', { echoes: 1 }, /^Say it XZ7Q and ⟦3⟧$/],
    ['runaway', { runaways: 1 }, /^.{4000,5000}$/],
    ['sentinel_dropped', { droppedSentinels: 1 }, /^(?!.*XZ7Q).*⟦3⟧$/],
    ['sentinel_doubled', { doubledSentinels: 1 }, /XZ7Q XZ7Q.*⟦3⟧$/],
    ['sentinels_localised', { localisedSentinels: 1 }, /XZ٧Q.*⟦٣⟧$/],
  ])('may be bad: %s', async (outcome, options, shape) => {
    const server = await start(options)
    expect(answerIn((await call(server, bodyOf('Say it XZ7Q and ⟦3⟧'))).text)).toMatch(shape)
    expect(server.books()).toMatchObject({ calls: 1, paid: 1, outcomes: { [outcome]: 1 } })
  })

  it('is the same for the same bytes and seed, in whatever order', async () => {
    const mix: FakeOptions = { badAnswers: 0.5, seed: 3 }
    const [one, two, other] = [await start(mix), await start(mix), await start({ ...mix, seed: 4 })]
    const bodies = Array.from({ length: 40 }, (_, i) => bodyOf(`Say ⟦${i}⟧ twice`))
    const ask = async (server: Server, order: CompletionRequest[]) => {
      const texts = new Map<CompletionRequest, string>()
      for (const body of order) texts.set(body, (await call(server, body)).text)
      return bodies.map((body) => texts.get(body))
    }
    const first = await ask(one, bodies)
    expect(await ask(two, bodies.toReversed())).toEqual(first)
    expect(await ask(other, bodies)).not.toEqual(first)
  })

  it('may take its time, also over its body', async () => {
    const server = await start({ slow: 1, slowMs: 60, slowBodies: 1, slowBodyMs: 100 })
    const { text } = await call(server, bodyOf('slow'))
    expect(answerIn(text)).toMatch(/^[^a-z]+$/)
    await expect.poll(server.books).toMatchObject({ calls: 1 })
    const [booked] = server.calls()
    expect(booked!.endMs - booked!.startMs).toBeGreaterThan(140)
    expect(booked!.paid).toBe(true)
  })
})

describe('a fault', () => {
  it.each<[string, FakeOptions, number, RegExp]>([
    ['status_429', { rateLimited: 1 }, 429, /slow down/],
    ['status_429', { rateLimitedSilently: 1 }, 429, /slow down/],
    ['status_500', { serverErrors: 1 }, 500, /broken/],
    ['reset', { resets: 1 }, 0, /Error/],
    ['half_body', { halfBodies: 1 }, 0, /Error/],
    ['hang', { hangs: 1 }, 0, /Timeout/],
    ['garbage', { garbage: 1 }, 200, /conte$/],
    ['garbage', { pages: 1 }, 200, /^<html>/],
    ['body', { noChoices: 1 }, 200, /"choices":\[\]/],
    ['status_401', { unauthorized: 1 }, 401, /no such key/],
    ['status_402', { noCredit: 1 }, 402, /no credit/],
    ['status_500', { poison: { marker: 'poison', does: 'server_error' } }, 500, /broken/],
    ['reset', { poison: { marker: 'poison', does: 'reset' } }, 0, /Error/],
    ['hang', { poison: { marker: 'poison', does: 'hang' } }, 0, /Timeout/],
  ])('is %s, and costs nothing', async (outcome, options, status, text) => {
    const server = await start(options)
    const made = await call(server, bodyOf('poison'), 150)
    expect([made.status, made.text]).toEqual([status, expect.stringMatching(text)])
    await expect.poll(server.books).toMatchObject({ calls: 1, paid: 0, nano: 0, outcomes: { [outcome]: 1 } })
    if (options.poison) expect((await call(server, bodyOf('good'))).status).toBe(200)
  })

  it('does not come again to the same bytes for ever', async () => {
    const server = await start({ serverErrors: 0.5 })
    const statuses: number[] = []
    for (let i = 0; i < 20; i++) statuses.push((await call(server, bodyOf('again'))).status)
    expect(new Set(statuses)).toEqual(new Set([200, 500]))
    expect(server.calls().map(({ round }) => round)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1))
  })

  it('is had by all in an outage, and by none after it', async () => {
    const server = await start({ outage: { fromMs: 0, toMs: 150, does: 'server_error' } })
    expect((await call(server, bodyOf('one'))).status).toBe(500)
    await expect.poll(async () => (await call(server, bodyOf('two'))).status).toBe(200)
  })
})

describe('limits', () => {
  it('of requests and tokens in a window are told in headers as OpenAI does', async () => {
    const server = await start({ limits: { requests: 2, tokens: 100_000, windowMs: 400 } })
    const made = [1, 2, 3].map((i) => () => call(server, bodyOf(`Text ${i}`)))
    const answers = []
    for (const ask of made) answers.push(await ask())
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429])
    expect(answers.map(({ headers }) => headers['x-ratelimit-remaining-requests'])).toEqual(['1', '0', '0'])
    expect(answers[2]!.headers).toMatchObject({
      'retry-after': '1',
      'x-ratelimit-reset-requests': expect.stringMatching(/^\d+ms$/),
    })
    await expect.poll(async () => (await made[2]!()).status).toBe(200)
  })

  it('may come as OpenRouter says them, without Retry-After', async () => {
    const limits = { tokens: 10, style: 'openrouter', retryAfter: false } as const
    const { status, headers } = await call(await start({ limits }), bodyOf('one'))
    expect(status).toBe(429)
    expect(headers['retry-after']).toBeUndefined()
    expect(Number(headers['x-ratelimit-reset'])).toBeGreaterThan(Date.now() - 1000)
  })

  it('are also a key and a balance', async () => {
    const server = await start({ balanceNano: 1 })
    expect((await call(server, bodyOf('one'))).status).toBe(200)
    expect((await call(server, bodyOf('two'))).status).toBe(402)
    server.set({ balanceNano: 1e9, key: 'secret' })
    expect((await call(server, bodyOf('two'))).status).toBe(401)
  })
})

describe('books', () => {
  it('add up to what the answers say they cost, in nano-dollars', async () => {
    const server = await start({ prices: { promptNano: 80, completionNano: 160 }, provider: 'gpu-1' })
    let nano = 0
    for (const [i, text] of ['one', 'two', 'one'].entries()) {
      const { usage, provider } = JSON.parse((await call(server, bodyOf(text, { seed: 1002 * (i % 2) }))).text)
      expect(provider).toBe('gpu-1')
      expect(usage.total_tokens).toBe(usage.prompt_tokens + usage.completion_tokens)
      nano += Math.round(usage.cost * 1e9)
    }
    expect(server.books()).toMatchObject({ calls: 3, requests: 2, paid: 3, paidRequests: 2, paidAgain: 1, nano })
    expect(server.calls().map(({ sample, attempt }) => [sample, attempt])).toEqual([
      [0, 0],
      [1, 2],
      [0, 0],
    ])
  })

  it('know an answer whose client has gone as unpaid', async () => {
    const server = await start({ latencyMs: 100 })
    await call(server, bodyOf('one'), 30)
    await expect.poll(server.books).toMatchObject({ calls: 1, paid: 0, abandoned: 1, nano: 0 })
  })
})
