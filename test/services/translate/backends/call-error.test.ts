import { afterEach, describe, expect, it } from 'vitest'
import { KalamError } from '../../../../dataflow/error.ts'
import type { Fault } from '../../../fake-openai/faults.ts'
import { fakeOpenai } from '../../../fake-openai/server.ts'
import { backendOf, calm, rejection, requestOf } from '../fake-line.ts'

const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

const secret = 'sk-or-v1-0123456789'
const serverWith = async (fault: Fault, options: Parameters<typeof backendOf>[1] = {}) => {
  const server = await fakeOpenai({ fault: () => fault })
  const translator = backendOf(server.url, { key: { value: secret, variable: 'OPENROUTER_API_KEY' }, ...options })
  open.push(server.close, async () => translator.close?.())
  return { server, translator }
}
const errorOf = async (fault: Fault, options: Parameters<typeof backendOf>[1] = {}): Promise<KalamError> => {
  const { translator } = await serverWith(fault, options)
  const error = await rejection(translator.translate(requestOf('Hello'), { signal: calm }))
  if (!(error instanceof KalamError)) throw error
  return error
}
const status = (status: number, more: Partial<Fault & { kind: 'status' }> = {}): Fault => ({
  kind: 'status',
  status,
  ...more,
})
const inBody = (error: unknown): Fault => ({ kind: 'body', body: { error } })

describe('what may pass by itself', () => {
  it.each<[string, Fault, string, string]>([
    ['429', status(429), 'rate_limited', 'the server answered 429: status 429'],
    ['500', status(500), 'server_error', 'the server answered 500'],
    ['503 in HTML', status(503, { body: '<html>' }), 'server_error', 'the server answered 503'],
    ['529', status(529), 'server_error', 'the server answered 529'],
    ['408', status(408), 'server_error', 'the server answered 408'],
    ['402', status(402), 'budget_used_up', 'the server answered 402'],
    [
      '429 for want of money',
      status(429, { body: { error: { message: 'quota', code: 'insufficient_quota' } } }),
      'budget_used_up',
      '429: quota',
    ],
    ['a reset connection', { kind: 'reset' }, 'backend_unreachable', 'ECONNRESET'],
    ['half a body', { kind: 'half_body' }, 'backend_unreachable', ': '],
    ['garbage', { kind: 'garbage', text: '{"choices": [' }, 'server_error', 'the answer is no JSON'],
    ['a page', { kind: 'garbage', text: '<html>', type: 'text/html' }, 'server_error', 'the answer is no JSON object'],
    ['an empty body', { kind: 'garbage', text: '' }, 'server_error', 'the answer is no JSON'],
    ['null', { kind: 'body', body: null }, 'server_error', 'the answer is no JSON object'],
    ['no choices', { kind: 'body', body: { choices: [] } }, 'server_error', 'the answer has no choices'],
    ['other JSON', { kind: 'body', body: { ok: true } }, 'server_error', 'the answer has no choices'],
    [
      'a content of parts',
      { kind: 'body', body: { choices: [{ message: { content: [{}] } }] } },
      'server_error',
      'the answer has a content that is no text',
    ],
    ['200 with an error', inBody({ code: 502, message: 'upstream' }), 'server_error', 'answered 502: upstream'],
    ['200 with a limit', inBody({ code: 429, message: 'slow' }), 'rate_limited', 'answered 429: slow'],
    ['200 with an error text', inBody('broken'), 'server_error', 'answered 500: "broken"'],
    [
      '200 with a choice that broke off',
      { kind: 'body', body: { choices: [{ finish_reason: 'error', error: { code: 503, message: 'gone' } }] } },
      'server_error',
      'answered 503: gone',
    ],
  ])('is %s', async (_name, fault, code, fact) => {
    const error = await errorOf(fault)
    // For want of money the line stands still, and looks again by itself.
    expect(error).toMatchObject({ code, retryable: code !== 'budget_used_up' })
    expect(error.message).toMatch(/^translating s1k\/train\/7#2 with gemma3: /)
    expect(error.message).toContain(fact)
  })

  it('is a server that does not answer in time', async () => {
    const error = await errorOf({ kind: 'hang' }, { timeoutMs: 50 })
    expect(error).toMatchObject({ code: 'timeout', retryable: true })
    expect(error.message).toBe('translating s1k/train/7#2 with gemma3: no answer in 0.05 s')
  })

  it('is a server that is not there, and the message shows no secrets of its URL', async () => {
    const translator = backendOf('http://user:word@127.0.0.1:1/v1?token=abc')
    const error = await rejection(translator.translate(requestOf('Hello'), { signal: calm }))
    expect(error).toMatchObject({ code: 'backend_unreachable', retryable: true })
    expect(error).toMatchObject({
      message: expect.stringContaining('http://127.0.0.1:1/v1: '),
      hint: 'Check translators.gemma3.url in pipeline.yaml, and whether the server runs: curl http://127.0.0.1:1/v1/models',
    })
    expect(String((error as Error).message)).not.toMatch(/word|abc/)
  })
})

describe('what the settings must mend', () => {
  it.each([401, 403])('after %i names the key in pipeline.yaml and its variable', async (code) => {
    const error = await errorOf(status(code))
    expect(error).toMatchObject({ code: 'backend_refused', retryable: false })
    expect(error.hint).toBe('Check translators.gemma3.key in pipeline.yaml and the variable OPENROUTER_API_KEY.')
  })

  it('after 401 without a key says that there is none', async () => {
    const error = await errorOf(status(401), { key: undefined })
    expect(error.hint).toBe('Check translators.gemma3.key in pipeline.yaml: it names no variable with a key.')
  })

  it.each([400, 422, 308])('after %i names the translator and its settings', async (code) => {
    const error = await errorOf(status(code))
    expect(error).toMatchObject({ code: 'backend_refused', retryable: false, details: { status: code } })
    expect(error.hint).toMatch(
      /^Check translators\.gemma3 in pipeline\.yaml: url \(http:.*\), api, model and sampling\.$/,
    )
  })

  it('after 404 names the model or the URL, by what the server says', async () => {
    const words = (message: unknown) => errorOf(status(404, { body: message }), { urlVariables: ['GPU_URL'] })
    expect((await words({ error: { message: 'The model `x` does not exist' } })).hint).toMatch(
      /^Check translators\.gemma3\.model in pipeline\.yaml \(gemma-3-27b\): curl http:.*\/models lists what there is\.$/,
    )
    const page = await words('<!DOCTYPE html><html><head><title>Not here</title>')
    expect(page.message).toContain('the server answered 404: a page of HTML, "Not here"')
    expect(page.hint).toMatch(/^Check translators\.gemma3\.url in pipeline\.yaml and the variable GPU_URL: there is no/)
  })

  it.each([
    ['vLLM', { object: 'error', message: 'maximum context length is 512', code: 400 }, 'maximum context length is 512'],
    ['FastAPI', { detail: 'no such model' }, '{"detail":"no such model"}'],
    ['a proxy', '<h1>Bad</h1>', '<h1>Bad</h1>'],
  ])('is said in the words of %s', async (_name, body, words) => {
    const { message } = await errorOf(status(400, { body }))
    expect(message).toContain(`the server answered 400: `)
    expect(message).toContain(words)
  })

  it('is said by an error with status 200, too', async () => {
    expect(await errorOf(inBody({ code: 401, message: 'No auth' }))).toMatchObject({ code: 'backend_refused' })
  })

  it('never shows the key, wherever the server repeats it', async () => {
    for (const fault of [
      status(401, { body: { error: { message: `Incorrect API key provided: ${secret}.` } } }),
      status(500, { body: { detail: secret } }),
      inBody({ code: 400, message: `key ${secret}` }),
      inBody(`key ${secret}`),
    ]) {
      const error = await errorOf(fault)
      const shown = [error.message, error.hint, error.stack, JSON.stringify(error.details), String(error.cause)]
      expect(shown.join('\n')).not.toContain(secret)
      expect(error.message).toContain('…')
    }
  })
})

describe('the wait that a server asks for', () => {
  it.each<[string, Fault, number | undefined]>([
    ['in seconds', status(429, { headers: { 'retry-after': '8' } }), 8000],
    ['with 503', status(503, { headers: { 'retry-after': '2' } }), 2000],
    ['until a date', status(429, { headers: { 'retry-after': 'Tue, 14 Nov 2023 22:13:30 GMT' } }), 10_000],
    ['until a time of the provider', status(429, { headers: { 'x-ratelimit-reset': '1700000004000' } }), 4000],
    [
      'inside an error with status 200',
      inBody({ code: 429, message: 'free', metadata: { headers: { 'X-RateLimit-Reset': '1700000060000' } } }),
      60_000,
    ],
    ['not at all', status(429), undefined],
  ])('is read when it is said %s', async (_name, fault, waitMs) => {
    expect((await errorOf(fault)).details.retryAfterMs).toBe(waitMs)
  })
})

it('ends a call at once when it is aborted, and leaves nothing hanging', async () => {
  const { server, translator } = await serverWith({ kind: 'hang' })
  const stop = new AbortController()
  const calls = Array.from({ length: 5 }, (_, i) =>
    rejection(translator.translate(requestOf(`Hello ${i}`), { signal: stop.signal })),
  )
  await expect.poll(server.underWay).toBe(5)
  stop.abort()
  expect((await Promise.all(calls)).every((thrown) => !(thrown instanceof KalamError))).toBe(true)
  await expect.poll(server.underWay).toBe(0)
  const late = rejection(translator.translate(requestOf('Late'), { signal: stop.signal }))
  expect(await late).toBe(stop.signal.reason)
  expect(server.stats.calls).toBe(5)
})
