import OpenAI, { type ClientOptions } from 'openai'
import { onAbort } from '../abortable.ts'
import type { HeaderOf } from './asked-wait.ts'

type Headers = Awaited<ReturnType<OpenAI['buildRequest']>>['req']['headers']

/** An answer that came, or what came instead of one. */
type Came = () => Promise<Response>

/** Calls of one server. */
export interface CallingClient {
  readonly baseURL: string
  /** Posts the JSON of a request; rejects as the openai package does. */
  post(path: string, body: string, signal: AbortSignal): Promise<{ answer: unknown; header: HeaderOf }>
}

/** Headers that can be read but not listed: the package lists them for every call, for a log that nobody reads. */
const unlisted = (headers: Headers): Headers => {
  const pairs = [...headers]
  return { [Symbol.iterator]: () => pairs.values() } as unknown as Headers
}

const headerOf =
  ({ headers }: Response): HeaderOf =>
  (name) =>
    headers.get(name)

/** What the package would read as JSON. */
const isGood = ({ status, headers }: Response): boolean =>
  status === 200 &&
  headers.get('content-length') !== '0' &&
  /^application\/json\s*(?:;|$)/.test(headers.get('content-type') ?? '')

/**
 * The openai package's client, for many calls of JSON texts whose headers are all the same: it would make and sort these anew for each,
 * which takes longer than the call itself. A good answer is read at once; what is none the package gets to read, as if it had just
 * come. A signal may serve any number of calls: the package never takes its listeners off.
 */
export const callingClient = (settings: ClientOptions): CallingClient => {
  const client = new OpenAI(settings)
  const build = client.buildRequest.bind(client)
  const fetch = client.fetchWithTimeout.bind(client)
  const urls = new Map<string, string>()
  let headers: Headers | undefined

  client.buildRequest = async (options, more) => {
    const { method, path, body, signal, came } = options as typeof options & { came?: Came }
    const url = urls.get(path)
    if (typeof body === 'string' && url !== undefined && headers)
      return {
        req: { method, headers, body, ...(signal && { signal }), ...(came && { came }) },
        url,
        timeout: client.timeout,
      }
    const built = await build({ ...options, headers: { 'content-type': 'application/json' } }, more)
    urls.set(path, built.url)
    headers = unlisted(built.req.headers)
    return built
  }
  client.fetchWithTimeout = async (url, init, ms, controller) => {
    const { signal, came, ...unsignalled } = (init ?? {}) as NonNullable<typeof init> & { came?: Came }
    if (came) return came()
    const forget = signal ? onAbort(signal, () => controller.abort()) : undefined
    try {
      return await fetch(url, unsignalled, ms, controller)
    } finally {
      forget?.()
    }
  }
  return {
    baseURL: client.baseURL,
    async post(path, body, signal) {
      const { req, url, timeout } = await client.buildRequest({ method: 'post', path, body, signal })
      let came: Came
      let good: Response | undefined
      try {
        const response = await client.fetchWithTimeout(url, req, timeout, new AbortController())
        came = async () => response
        good = isGood(response) ? response : undefined
      } catch (thrown) {
        came = () => Promise.reject(thrown)
      }
      if (good) return { answer: await good.json(), header: headerOf(good) }
      const read = client.post<unknown>(path, { body, signal, came } as { body: string })
      const response = await read.asResponse()
      return { answer: await read, header: headerOf(response) }
    },
  }
}
