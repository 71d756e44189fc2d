import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate as immediate } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import { connections, lightFetch } from '../../../../services/translate/backends/light-fetch.ts'
import { fakeProcess } from '../../../fake-openai/own-process.ts'
import { fakeOpenai } from '../../../fake-openai/server.ts'
import { backendOf, calm, rejection, requestOf } from '../fake-line.ts'

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

/** Bodies that come in pieces over a second. */
const slowly = async (timeoutMs: number) => {
  const server = await fakeOpenai({ slowBodies: 1, slowBodyMs: 1000 })
  const backend = backendOf(server.url, { timeoutMs })
  open.push(server.close, () => backend.close?.())
  return { server, backend }
}

it('takes too long also when only the body does', async () => {
  const { server, backend } = await slowly(150)
  expect(await rejection(backend.translate(requestOf('late'), { signal: calm }))).toMatchObject({ code: 'timeout' })
  await expect.poll(server.books).toMatchObject({ calls: 1, abandoned: 1 })
})

it('ends with its signal in the middle of a body', async () => {
  const { server, backend } = await slowly(5000)
  const stop = new AbortController()
  const thrown = rejection(backend.translate(requestOf('stopped'), { signal: stop.signal }))
  await expect.poll(server.underWay).toBe(1)
  setTimeout(() => stop.abort(), 200)
  await thrown
  await expect.poll(server.books).toMatchObject({ calls: 1, abandoned: 1 })
})

it('takes an answer that came while this process was busy, however late it looks', async () => {
  const server = await fakeProcess({ latencyMs: 1000 })
  const backend = backendOf(server.url, { timeoutMs: 2000, slots: 10 })
  open.push(server.stop, () => backend.close?.())
  const texts = Array.from({ length: 10 }, (_, i) => `Text ${i}`)
  const answers = Promise.all(texts.map((text) => backend.translate(requestOf(text), { signal: calm })))
  const stats = new URL('/stats', server.url)
  const arrived = async () => ((await (await fetch(stats)).json()) as { calls: number }).calls
  await expect.poll(arrived, { interval: 10 }).toBe(10)
  // Behind a busy immediate the timers come first, what has arrived after them.
  await immediate()
  const until = performance.now() + 2500
  while (performance.now() < until);
  expect((await answers).every(({ text }) => text.length > 0)).toBe(true)
  expect(await server.books()).toMatchObject({ paid: 10, paidAgain: 0 })
})

/** A server that tells what it was asked, and over how many connections. */
const telling = async (host: string) => {
  let made = 0
  const server = createServer(({ headers, url }, response) => {
    response.end(JSON.stringify({ host: headers.host, length: headers['content-length'], url }))
  }).on('connection', () => made++)
  server.listen(0, host)
  await once(server, 'listening')
  const over = connections(2, 4000)
  open.push(
    () => server.close(),
    () => [over.http, over.https].forEach((agent) => void agent.destroy()),
  )
  return { port: (server.address() as AddressInfo).port, fetch: lightFetch(over), made: () => made }
}

it('tells the length of what it sends, and makes calls one after the other over one connection', async () => {
  const { port, fetch, made } = await telling('127.0.0.1')
  for (let call = 0; call < 5; call++) {
    const answer = await fetch(`http://127.0.0.1:${port}/v1/chat?call=${call}`, {
      method: 'POST',
      body: Buffer.from('{"a":"نص"}'),
    })
    expect(await answer.json()).toEqual({ host: `127.0.0.1:${port}`, length: '12', url: `/v1/chat?call=${call}` })
  }
  expect(made()).toBe(1)
})

it('reaches addresses of version 6', async ({ skip }) => {
  const server = await telling('::1').catch(() => skip('this machine has none'))
  const answer = await server.fetch(`http://[::1]:${server.port}/v1`, { method: 'POST', body: Buffer.from('{}') })
  expect(await answer.json()).toEqual({ host: `[::1]:${server.port}`, length: '2', url: '/v1' })
})
