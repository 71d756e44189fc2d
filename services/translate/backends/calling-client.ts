import OpenAI, { type ClientOptions } from 'openai'
import type { HeaderOf } from './asked-wait.ts'
import type { LightFetch } from './light-fetch.ts'

/** An answer that came, or what came instead of one. */
type Came = () => Promise<Response>

/** Calls of one server. */
export interface CallingClient {
  readonly baseURL: string
  /** Posts the JSON of a request; rejects as the openai package does. */
  post(path: string, body: Buffer, signal: AbortSignal): Promise<{ answer: unknown; header: HeaderOf }>
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

/** Headers in which the package tells of itself and of this machine. No server needs them, and each takes time in every call. */
const tellingHeaders = 'x-stainless-'

const withoutTelling = <Built extends { req: { headers: Headers } }>(built: Built): Built => {
  const { headers } = built.req
  for (const name of [...headers.keys()]) if (name.startsWith(tellingHeaders)) headers.delete(name)
  return built
}

/**
 * The openai package's client, for many calls of JSON texts whose headers are all the same: it would make and sort these anew for each,
 * which takes longer than the call itself. A good answer is read at once; what is none the package gets to read, as if it had just
 * come.
 */
export const callingClient = ({
  fetch,
  ...settings
}: Omit<ClientOptions, 'fetch'> & { fetch: LightFetch }): CallingClient => {
  const client = new OpenAI(settings)
  const build = client.buildRequest.bind(client)
  const built = new Map<string, ReturnType<typeof build>>()
  const builtFor = (path: string): ReturnType<typeof build> => {
    const known = built.get(path)
    if (known) return known
    const headers = { 'content-type': 'application/json' }
    const request = build({ method: 'post', path, body: '{}', headers }).then(withoutTelling)
    built.set(path, request)
    return request
  }

  client.buildRequest = async (options) => {
    const { req, ...rest } = await builtFor(options.path)
    return { ...rest, req: { ...req, came: (options as { came?: Came }).came } }
  }
  client.fetchWithTimeout = (_url, init) => (init as { came: Came }).came()
  return {
    baseURL: client.baseURL,
    async post(path, body, signal) {
      const { req, url, timeout } = await builtFor(path)
      let came: Came
      let good: Response | undefined
      try {
        const response = await fetch(url, { method: 'POST', headers: req.headers, body, signal, timeoutMs: timeout })
        came = async () => response
        good = isGood(response) ? response : undefined
      } catch (thrown) {
        came = () => Promise.reject(thrown)
      }
      if (good) return { answer: await good.json(), header: headerOf(good) }
      const read = client.post<unknown>(path, { signal, came } as object)
      const response = await read.asResponse()
      return { answer: await read, header: headerOf(response) }
    },
  }
}
