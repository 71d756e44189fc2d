import { afterEach, describe, expect, it } from 'vitest'
import { type Health, type HttpServer, serveHttp } from '../../../services/observe/http-server.ts'

const open: HttpServer[] = []
afterEach(async () => {
  for (const server of open.splice(0)) await server.close()
})

const serve = async (given: { health?: Health; ready?: () => Promise<Health>; port?: number } = {}) => {
  const server = await serveHttp({
    ...{ port: given.port ?? 0, host: '127.0.0.1' },
    health: () => given.health ?? { ok: true },
    ready: given.ready ?? (async () => ({ ok: true, groups: 2 })),
    metrics: async () => ({ type: 'text/plain; version=0.0.4', text: 'kalam_x 1\n' }),
  })
  open.push(server)
  return (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${server.port}${path}`, init)
}

describe('the HTTP server', () => {
  it('tells health, readiness and metrics', async () => {
    const get = await serve()
    const health = await get('/healthz')
    expect([health.status, await health.json()]).toEqual([200, { ok: true }])
    const ready = await get('/readyz?verbose')
    expect([ready.status, await ready.json()]).toEqual([200, { ok: true, groups: 2 }])
    const metrics = await get('/metrics')
    expect(metrics.headers.get('content-type')).toBe('text/plain; version=0.0.4')
    expect(await metrics.text()).toBe('kalam_x 1\n')
  })

  it('answers 503 with the reason when something is not well, and when asking fails', async () => {
    const sick = await serve({
      health: { ok: false, reason: 'stalled' },
      ready: async () => ({ ok: false, reason: 'log_unreachable' }),
    })
    const [health, ready] = [await sick('/healthz'), await sick('/readyz')]
    expect([health.status, await health.json()]).toEqual([503, { ok: false, reason: 'stalled' }])
    expect([ready.status, await ready.json()]).toEqual([503, { ok: false, reason: 'log_unreachable' }])
    const broken = await serve({ ready: () => Promise.reject(new Error('no')) })
    const answer = await broken('/readyz')
    expect([answer.status, await answer.json()]).toEqual([500, { ok: false, reason: 'no' }])
  })

  it('serves nothing else', async () => {
    const get = await serve()
    expect((await get('/')).status).toBe(404)
    expect((await get('/metrics', { method: 'POST', body: 'x' })).status).toBe(405)
    expect((await get('/healthz', { method: 'HEAD' })).status).toBe(200)
  })

  it('says what to do when the port is taken, or is none of this machine', async () => {
    await serve()
    const { port } = open[0]!
    await expect(serve({ port })).rejects.toMatchObject({
      code: 'port_in_use',
      message: `listening on 127.0.0.1:${port}: another process listens there`,
      hint: expect.stringContaining(`--http ${port + 1}`),
    })
    const never = async () => ({ ok: true })
    const options = { port: 0, host: '203.0.113.7', health: () => ({ ok: true }), ready: never }
    await expect(serveHttp({ ...options, metrics: async () => ({ type: '', text: '' }) })).rejects.toMatchObject({
      message: 'listening on 203.0.113.7:0: this machine has no such address',
      hint: expect.stringContaining('KALAM_HTTP_HOST'),
    })
  })
})
