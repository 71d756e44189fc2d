import type { ServerResponse } from 'node:http'

/** A way in which a server does not answer as it should. */
export type Fault =
  /** Refuses with this status; a text as body is a page. */
  | { kind: 'status'; status: number; headers?: Record<string, string>; body?: unknown }
  /** Says 200, with this JSON instead of a completion. */
  | { kind: 'body'; body: unknown }
  /** Says 200 and JSON, with this text instead. */
  | { kind: 'garbage'; text: string; type?: string }
  /** Ends the connection in the middle of the body. */
  | { kind: 'half_body' }
  /** Resets the connection before any answer. */
  | { kind: 'reset' }
  /** Never answers. */
  | { kind: 'hang' }

/** Answers with a fault. */
export const sendFault = (response: ServerResponse, fault: Fault): void => {
  if (fault.kind === 'status' && typeof fault.body === 'string') {
    response.writeHead(fault.status, { 'content-type': 'text/html', ...fault.headers }).end(fault.body)
  } else if (fault.kind === 'status') {
    send(response, fault.status, fault.body ?? { error: { message: `status ${fault.status}` } }, fault.headers)
  } else if (fault.kind === 'body') {
    send(response, 200, fault.body)
  } else if (fault.kind === 'garbage') {
    response.writeHead(200, { 'content-type': fault.type ?? 'application/json' }).end(fault.text)
  } else if (fault.kind === 'half_body') {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
    response.write('{"choices":[{"message":{"content":"', () => response.socket?.destroy())
  } else if (fault.kind === 'reset') {
    response.socket?.resetAndDestroy()
  }
}

/** What the books call a fault: its kind, or its status. */
export const faultName = (fault: Fault): string => (fault.kind === 'status' ? `status_${fault.status}` : fault.kind)

/** Answers with JSON. */
export const send = (
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void => {
  const text = JSON.stringify(body)
  // With its length the answer is one write, and no chunks.
  const length = Buffer.byteLength(text)
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': length, ...headers }).end(text)
}

/** Answers with JSON in ten pieces, which take this long together. */
export const sendSlowly = (response: ServerResponse, body: unknown, totalMs: number): void => {
  const bytes = Buffer.from(JSON.stringify(body))
  const size = Math.ceil(bytes.length / 10)
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': bytes.length })
  const next = (from: number): void => {
    if (response.destroyed) return
    const piece = bytes.subarray(from, from + size)
    if (from + size >= bytes.length) response.end(piece)
    else {
      response.write(piece)
      setTimeout(next, totalMs / 10, from + size)
    }
  }
  next(0)
}
