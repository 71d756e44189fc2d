import OpenAI, { type ClientOptions } from 'openai'
import { onAbort } from '../abortable.ts'

type Headers = Awaited<ReturnType<OpenAI['buildRequest']>>['req']['headers']

/** Headers that can be read but not listed: the package lists them for every call, for a log that nobody reads. */
const unlisted = (headers: Headers): Headers => {
  const pairs = [...headers]
  return { [Symbol.iterator]: () => pairs.values() } as unknown as Headers
}

/**
 * The openai package's client, for many calls of JSON texts whose headers are all the same: it would make and sort these anew for each,
 * which takes longer than the call itself. A signal may serve any number of calls: the package never takes its listeners off.
 */
export const callingClient = (settings: ClientOptions): OpenAI => {
  const client = new OpenAI(settings)
  const build = client.buildRequest.bind(client)
  const fetch = client.fetchWithTimeout.bind(client)
  const urls = new Map<string, string>()
  let headers: Headers | undefined

  client.buildRequest = async (options, more) => {
    const { method, path, body, signal } = options
    const url = urls.get(path)
    if (typeof body === 'string' && url !== undefined && headers)
      return { req: { method, headers, body, ...(signal && { signal }) }, url, timeout: client.timeout }
    const built = await build({ ...options, headers: { 'content-type': 'application/json' } }, more)
    urls.set(path, built.url)
    headers = unlisted(built.req.headers)
    return built
  }
  client.fetchWithTimeout = async (url, init, ms, controller) => {
    const { signal, ...unsignalled } = init ?? {}
    const forget = signal ? onAbort(signal, () => controller.abort()) : undefined
    try {
      return await fetch(url, unsignalled, ms, controller)
    } finally {
      forget?.()
    }
  }
  return client
}
