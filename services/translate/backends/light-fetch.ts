import { type Dispatcher, request } from 'undici'

/** fetch over undici's request: a fraction of the cost per call of the global one. The body is read before it resolves. */
export const lightFetch =
  (dispatcher: Dispatcher): typeof fetch =>
  async (input, init) => {
    const answer = await request(String(input), {
      method: (init?.method ?? 'GET') as Dispatcher.HttpMethod,
      headers: Object.fromEntries(new Headers(init?.headers).entries()),
      body: (init?.body as string | undefined) ?? null,
      signal: init?.signal ?? null,
      dispatcher,
    }).catch((thrown) => {
      // The openai package takes every error that says "timed out" for a call that took too long.
      throw noConnection.has(codeOf(thrown)) ? new Error('no connection could be made', { cause: thrown }) : thrown
    })
    const text = await answer.body.text()
    const headers = Object.entries(answer.headers).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, String(value)]],
    )
    const bodiless = answer.statusCode === 204 || answer.statusCode === 304
    const body = answer.statusCode >= 400 ? errorBody(text) : text
    return new Response(bodiless ? null : body, { status: answer.statusCode, headers })
  }

/** The openai package reads the reason of a refusal from `error` only; vLLM and FastAPI write it beside. */
const errorBody = (text: string): string => {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null && 'error' in body ? text : JSON.stringify({ error: body })
  } catch {
    return text
  }
}

const noConnection = new Set<unknown>(['UND_ERR_CONNECT_TIMEOUT', 'ETIMEDOUT'])

const codeOf = (thrown: unknown): unknown => (thrown as { code?: unknown } | undefined)?.code
