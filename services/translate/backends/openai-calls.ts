import type { TranslateRequest } from '../translator.ts'
import type { HeaderOf } from './asked-wait.ts'
import { type CallContext, callError } from './call-error.ts'
import { type CallingClient, callingClient } from './calling-client.ts'
import { type Completion, readCompletion } from './completion.ts'
import { leastBusy } from './least-busy.ts'
import { type Connections, connections, lightFetch } from './light-fetch.ts'
import type { OpenaiOptions } from './openai.ts'

/** What was answered to a call that began at `startedMs` of this process's clock. */
export interface Called {
  completion: Completion
  startedMs: number
  header: HeaderOf
}

/** The connections of one model's servers. */
export interface OpenaiCalls {
  /** Posts the JSON of a request to the least busy server; KalamError as `callError` and `readCompletion` have it. */
  call(request: TranslateRequest, body: Buffer, signal: AbortSignal): Promise<Called>
  close(): Promise<void>
}

/** Servers close idle connections after 5 seconds (uvicorn): later calls would meet a closed door. */
const idleMs = 4_000

/** Opens what calls are made with; connections come with the calls. */
export const openaiCalls = (options: OpenaiOptions): OpenaiCalls => {
  const over = connections(options.slots, idleMs)
  const onLeastBusy = leastBusy(
    options.urls.map((url) => clientOf(url, over, options)),
    options.now,
  )
  const path = options.api === 'chat' ? '/chat/completions' : '/completions'
  return {
    call: (request, body, signal) =>
      onLeastBusy(async (client) => {
        const startedMs = performance.now()
        const { name, key, timeoutMs, now, model, urlVariables = [] } = options
        const context = (): CallContext => ({
          doing: `translating ${request.id}#${request.messageIndex} with ${name}`,
          translator: name,
          url: client.baseURL,
          urlVariables,
          model,
          key,
          timeoutMs,
          nowMs: now(),
        })
        signal.throwIfAborted()
        const { answer, header } = await client.post(path, body, signal).catch((thrown) => {
          throw callError(thrown, context())
        })
        return { completion: readCompletion(answer, context()), startedMs, header }
      }),
    async close() {
      over.http.destroy()
      over.https.destroy()
    },
  }
}

/** Everything that the package would take from the environment is given, so that no key or account leaks to a server. */
const clientOf = (url: string, over: Connections, { key, timeoutMs }: OpenaiOptions): CallingClient =>
  callingClient({
    baseURL: url,
    apiKey: key?.value ?? 'none',
    adminAPIKey: null,
    organization: null,
    project: null,
    logLevel: 'off',
    maxRetries: 0,
    timeout: timeoutMs,
    fetch: lightFetch(over, key?.value),
  })
