import OpenAI from 'openai'
import { onAbort } from '../abortable.ts'

type Build = OpenAI['buildRequest']
type FetchWithTimeout = OpenAI['fetchWithTimeout']

/**
 * The openai package's client, for many calls whose headers are all the same: it would make and sort these anew for each, which takes
 * longer than the call itself. Texts are sent as they are. A signal may serve any number of calls: the package never takes its
 * listeners off.
 */
export class CallingClient extends OpenAI {
  readonly #urls = new Map<string, string>()
  #headers: Awaited<ReturnType<Build>>['req']['headers'] | undefined

  override async buildRequest(...[options, more]: Parameters<Build>): ReturnType<Build> {
    const { method, path, body, signal } = options
    const url = this.#urls.get(path)
    if (typeof body === 'string' && url !== undefined && this.#headers)
      return { req: { method, headers: this.#headers, body, ...(signal && { signal }) }, url, timeout: this.timeout }
    const built = await super.buildRequest({ ...options, headers: { 'content-type': 'application/json' } }, more)
    this.#urls.set(path, built.url)
    this.#headers = built.req.headers
    return built
  }

  override async fetchWithTimeout(...[url, init, ms, controller]: Parameters<FetchWithTimeout>): Promise<Response> {
    const { signal, ...unsignalled } = init ?? {}
    const forget = signal ? onAbort(signal, () => controller.abort()) : undefined
    try {
      return await super.fetchWithTimeout(url, unsignalled, ms, controller)
    } finally {
      forget?.()
    }
  }
}
