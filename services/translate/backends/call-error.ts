import { APIConnectionError, APIConnectionTimeoutError, APIError } from 'openai'
import { KalamError, messageOf } from '../../../dataflow/error.ts'
import { askedWaitMs } from './asked-wait.ts'
import { hiding } from './hiding.ts'

/** What messages about a call say besides the fact. */
export interface CallContext {
  /** What was being done. */
  doing: string
  /** Name of the translator. */
  translator: string
  url: string
  /** The variables that the URL came from. */
  urlVariables: readonly string[]
  model: string
  /** The key, and the variable it came from. */
  key: { value: string; variable: string } | undefined
  timeoutMs: number
  nowMs: number
}

/** A refusal, by an HTTP status or by an `error` in the body. */
export interface Refusal {
  status: number
  message: string
  /** The `error` of the body. */
  error?: unknown
  headers?: Headers | undefined
}

/** The KalamError of what the openai package threw; anything else, an abort too, as it is. */
export const callError = (thrown: unknown, context: CallContext): unknown => {
  const { doing, timeoutMs } = context
  if (thrown instanceof APIConnectionTimeoutError)
    return new KalamError('timeout', `${doing}: no answer in ${timeoutMs / 1000} s`, { retryable: true, cause: thrown })
  if (thrown instanceof APIConnectionError) {
    const url = shownUrl(context.url)
    const found = (thrown as { cause?: unknown }).cause ?? thrown
    const fact = messageOf(found) || 'no connection'
    const isTls = tlsCodes.test(String((found as { code?: unknown }).code))
    const check = isTls
      ? 'its certificate, or http instead of https. NODE_EXTRA_CA_CERTS names a file with the certificate of your own authority.'
      : `whether the server runs: curl ${url}/models`
    return new KalamError('backend_unreachable', `${doing}: ${url}: ${isTls ? 'no safe connection: ' : ''}${fact}`, {
      retryable: true,
      hint: `Check ${urlKey(context)}, and ${check}`,
      details: { toMend: isTls },
      cause: thrown,
    })
  }
  if (thrown instanceof SyntaxError) return brokenAnswer('is no JSON', context)
  if (!(thrown instanceof APIError) || typeof thrown.status !== 'number') return thrown
  const { status, message, error, headers } = thrown as APIError<number, Headers>
  return refusalError({ status, message: message.replace(/^\d{3} /, ''), error, headers }, context)
}

/** Codes of OpenSSL and Node for certificates that are not trusted, and for servers that speak no TLS. */
const tlsCodes = /CERT|^ERR_(SSL|TLS)|^EPROTO$|UNABLE_TO_VERIFY/

/** The setting that holds the URL, and the variables it names. */
const urlKey = ({ translator, urlVariables }: CallContext): string => {
  const variables = urlVariables.length > 0 ? ` and the variable ${urlVariables.join(', ')}` : ''
  return `translators.${translator}.url in pipeline.yaml${variables}`
}

const noApiHint = (context: CallContext): string =>
  `Check ${urlKey(context)}: there is no OpenAI API at ${shownUrl(context.url)}, mostly it is one at …/v1.`

/** The error of an answer that is none, although the server says that all is well. */
export const brokenAnswer = (fact: string, context: CallContext): KalamError =>
  new KalamError('server_error', `${context.doing}: the answer ${fact}`, {
    retryable: true,
    hint: noApiHint(context),
    details: { toMend: true },
  })

/** The error of a refusal: what may pass is retryable, what the settings must mend names them. Never shows the key. */
export const refusalError = (refusal: Refusal, context: CallContext): KalamError => {
  const { status } = refusal
  const { key } = context
  const message = withoutPage(hiding(key?.value ?? '')(refusal.message))
  const text = `${context.doing}: the server answered ${status}: ${message.slice(0, 300).toWellFormed()}`
  const details = { status, retryAfterMs: askedWaitMs(headerOf(refusal), context.nowMs) }
  if (status === 402 || isQuota(refusal)) {
    const hint = 'Top up the balance; the line looks again by itself.'
    return new KalamError('budget_used_up', text, { details, hint })
  }
  if (status === 429) return new KalamError('rate_limited', text, { retryable: true, details })
  if (status >= 500 || status === 408 || status === 425)
    return new KalamError('server_error', text, { retryable: true, details })
  return new KalamError('backend_refused', text, { details, hint: refusalHint(status, message, context) })
}

/** Which settings a refusal is about. */
const refusalHint = (status: number, message: string, context: CallContext): string => {
  const { key, translator, model } = context
  const url = shownUrl(context.url)
  if (status === 401 || status === 403) {
    const from = key ? ` and the variable ${key.variable}` : ': it names no variable with a key'
    return `Check translators.${translator}.key in pipeline.yaml${from}.`
  }
  if (message.includes(model) || (status === 404 && /\bmodel\b/i.test(message)))
    return `Check translators.${translator}.model in pipeline.yaml (${model}): curl ${url}/models lists what there is.`
  if (status === 404) return noApiHint(context)
  return `Check translators.${translator} in pipeline.yaml: url (${url}), api, model and sampling.`
}

/** Whether a body is a page of HTML. */
export const isPage = (body: unknown): boolean => typeof body === 'string' && /^\s*<(!doctype|html)/i.test(body)

/** A page of a proxy or a web site says in its title what it is. */
const withoutPage = (message: string): string => {
  if (!isPage(message)) return message
  const title = /<title[^>]*>([^<]*)/i.exec(message)?.[1]?.trim()
  return `a page of HTML${title ? `, ${JSON.stringify(title)}` : ''}`
}

/** OpenAI answers 429 also when there is no money left. */
const isQuota = ({ status, error }: Refusal): boolean =>
  status === 429 && (error as { code?: unknown } | undefined)?.code === 'insufficient_quota'

/** Headers of the answer, then those of the upstream provider, which OpenRouter puts into the error. */
const headerOf = ({ headers, error }: Refusal) => {
  const inner = (error as { metadata?: { headers?: Record<string, unknown> } } | undefined)?.metadata?.headers ?? {}
  const upstream = new Map(Object.entries(inner).map(([name, value]) => [name.toLowerCase(), String(value)]))
  return (name: string) => headers?.get(name) ?? upstream.get(name)
}

/** A URL without user, password and query, which may be secrets. */
const shownUrl = (url: string): string => {
  if (!URL.canParse(url)) return url
  const { origin, pathname } = new URL(url)
  return `${origin}${pathname}`
}
