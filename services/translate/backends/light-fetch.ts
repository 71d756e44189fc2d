import { Agent as HttpAgent, type IncomingMessage, request as requestOverHttp } from 'node:http'
import { Agent as HttpsAgent, request as requestOverHttps } from 'node:https'
import type { Socket } from 'node:net'
import { onAbort } from '../abortable.ts'
import { hiding } from './hiding.ts'

/** Connections that calls share. */
export interface Connections {
  http: HttpAgent
  https: HttpsAgent
}

/** The longest that a connection may take to be made, in milliseconds. */
const connectMs = 10_000

/** Makes them: at most so many to each server, closed when no call has needed them for `idleMs`. */
export const connections = (most: number, idleMs: number): Connections => {
  const options = { keepAlive: true, maxSockets: most, maxFreeSockets: most, timeout: idleMs }
  return { http: new HttpAgent(options), https: new HttpsAgent(options) }
}

/** fetch, which also ends a call whose answer is not whole after `timeoutMs`. */
export type LightFetch = (
  url: string,
  init?: Omit<RequestInit, 'body'> & { body?: Uint8Array; timeoutMs?: number },
) => Promise<Response>

const noBody = new Uint8Array()

/**
 * fetch over Node's own requests: a fraction of the cost per call of the global one, and a connection takes the next call as soon as it
 * has answered the one before. The body is read before it resolves. An answer that has come in when it is aborted, or late, counts: after
 * a busy turn timers come before what has arrived. A body that repeats the secret has … in its place. Headers of one object are read
 * once: it must not change between calls. A signal may serve any number of calls.
 */
export const lightFetch = (over: Connections, secret = ''): LightFetch => {
  const places = new Map<string, Place>()
  const flatHeaders = new WeakMap<object, string[]>()
  const placeOf = (url: string): Place => {
    const known = places.get(url)
    if (known) return known
    const place = placeAt(new URL(url), over)
    places.set(url, place)
    return place
  }
  const headersOf = (headers: RequestInit['headers'] = {}): string[] => {
    const flat = flatHeaders.get(headers) ?? [...new Headers(headers)].flat()
    flatHeaders.set(headers, flat)
    return flat
  }
  const shown = hiding(secret)
  return (url, { method = 'GET', headers: own, body = noBody, signal, timeoutMs } = {}) => {
    const place = placeOf(url)
    const headers = headersOf(own).concat('Host', place.host, 'Content-Length', String(body.length))
    const answered = answerOf(place, { method, headers, body, signal, timeoutMs })
    return answered.then((answer) => responseOf({ ...answer, text: shown(answer.text) }, url))
  }
}

/** Where calls of one URL go. */
interface Place {
  request: typeof requestOverHttp
  options: { agent: HttpAgent; protocol: string; hostname: string; port: string; path: string }
  host: string
}

const placeAt = ({ protocol, hostname, host, port, pathname, search }: URL, { http, https }: Connections): Place => {
  const isSafe = protocol === 'https:'
  return {
    request: isSafe ? requestOverHttps : requestOverHttp,
    options: {
      agent: isSafe ? https : http,
      protocol,
      // An address of version 6 stands in brackets in a URL only.
      hostname: hostname.replace(/^\[(.*)\]$/, '$1'),
      port,
      path: `${pathname}${search}`,
    },
    host,
  }
}

interface Answer {
  status: number
  headers: IncomingMessage['headers']
  text: string
}

const responseOf = ({ status, headers: told, text }: Answer, url: string): Response => {
  if (status === 200) return lightAnswer(url, told, text)
  const headers = Object.entries(told).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, String(value)]],
  )
  const bodiless = status === 204 || status === 304
  return new Response(bodiless ? null : status >= 400 ? errorBody(text) : text, { status, headers })
}

const answerOf = (
  { request, options }: Place,
  call: {
    method: string
    headers: string[]
    body: Uint8Array
    signal: AbortSignal | null | undefined
    timeoutMs: number | undefined
  },
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { method, body, signal, timeoutMs } = call
    signal?.throwIfAborted()
    const { agent, protocol, hostname, port, path } = options
    const headers = call.headers as unknown as Record<string, string>
    const asked = request({ agent, protocol, hostname, port, path, method, headers }, (answer) => {
      const pieces: Buffer[] = []
      answer.on('data', (piece: Buffer) => pieces.push(piece))
      answer.on('error', failed)
      answer.on('end', () => {
        over()
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: textOf(pieces) })
      })
    })
    const stop = (reason: unknown): void => void setImmediate(() => asked.destroy(reason as Error))
    const forget = signal ? onAbort(signal, () => stop(signal.reason)) : undefined
    const late = timeoutMs === undefined ? undefined : setTimeout(() => stop(new Error('it timed out')), timeoutMs)
    const over = () => {
      clearTimeout(late)
      forget?.()
    }
    const failed = (thrown: unknown) => {
      over()
      reject(thrown)
    }
    asked.on('error', (thrown) =>
      failed(isNoConnection(thrown) ? new Error('no connection could be made', { cause: thrown }) : thrown),
    )
    asked.on('socket', refuseSlowConnection)
    asked.end(body)
  })

/** As fetch reads a text: without a byte order mark. */
const textOf = (pieces: Buffer[]): string => {
  const text = (pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)).toString()
  return text.charCodeAt(0) === 0xfe_ff ? text.slice(1) : text
}

/** The openai package takes every error that says "timed out" for a call that took too long. */
const isNoConnection = (thrown: NodeJS.ErrnoException): boolean => thrown.code === 'ETIMEDOUT'

const refuseSlowConnection = (socket: Socket): void => {
  if (!socket.connecting) return
  const end = setTimeout(
    () => socket.destroy(Object.assign(new Error('no connection in time'), { code: 'ETIMEDOUT' })),
    connectMs,
  )
  const made = () => clearTimeout(end)
  socket.once('encrypted' in socket ? 'secureConnect' : 'connect', made)
  socket.once('close', made)
}

const requestId = 'x-request-id'

/** What the openai package reads of a good answer; a Response with its stream takes longer than the call itself. */
const lightAnswer = (url: string, headers: Record<string, string | string[] | undefined>, text: string): Response => {
  const get = (name: string): string | null => (headers[name] === undefined ? null : String(headers[name]))
  const read = {
    status: 200,
    ok: true,
    url,
    body: null,
    // The package lists them all to look for this one.
    headers: { get, entries: () => (requestId in headers ? [[requestId, get(requestId)]] : []) },
    json: async (): Promise<unknown> => JSON.parse(text),
    text: async () => text,
  }
  return read as unknown as Response
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
