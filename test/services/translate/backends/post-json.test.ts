import { getEventListeners } from 'node:events'
import { setImmediate as immediate } from 'node:timers/promises'
import { Agent } from 'undici'
import { afterEach, expect, it } from 'vitest'
import { jsonPoster, placeBelow, tookTooLong } from '../../../../services/translate/backends/post-json.ts'
import { fakeProcess } from '../../../fake-openai/own-process.ts'
import { type FakeOptions, fakeOpenai } from '../../../fake-openai/server.ts'
import { calm, rejection } from '../fake-line.ts'

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

const setUp = async (options: FakeOptions, timeoutMs = 5000) => {
  const server = await fakeOpenai(options)
  const agent = new Agent()
  open.push(server.close, () => agent.destroy())
  const post = jsonPoster(agent, { authorization: 'Bearer k' }, timeoutMs)
  const place = placeBelow(server.url, '/completions')
  return {
    server,
    post: (prompt: string, signal = calm) => post(place, JSON.stringify({ model: 'm', prompt }), signal),
  }
}
/** Bodies that come in pieces over a second. */
const slowly: FakeOptions = { slowBodies: 1, slowBodyMs: 1000 }

it('keeps the query of a base URL behind the path', () => {
  expect(placeBelow('http://a:1/v1/?key=b', '/completions')).toEqual({
    origin: 'http://a:1',
    path: '/v1/completions?key=b',
  })
})

it('takes too long also when only the body does', async () => {
  const { server, post } = await setUp(slowly, 150)
  expect(await rejection(post('late'))).toBe(tookTooLong)
  await expect.poll(server.books).toMatchObject({ calls: 1, abandoned: 1 })
})

it('ends with the reason of its signal, in the middle of a body, too', async () => {
  const { server, post } = await setUp(slowly)
  const stop = new AbortController()
  const calls = ['one', 'two'].map((prompt) => rejection(post(prompt, stop.signal)))
  await expect.poll(server.underWay).toBe(2)
  setTimeout(() => stop.abort('enough'), 200)
  expect(await Promise.all(calls)).toEqual(['enough', 'enough'])
  await expect.poll(server.underWay).toBe(0)
  expect(await rejection(post('three', stop.signal))).toBe('enough')
})

it('has one listener on a signal, however many calls', async () => {
  const { post } = await setUp({ latencyMs: 20 })
  const { signal } = new AbortController()
  const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => post(`Text ${i}`, signal)))
  expect(answers.map(({ status }) => status)).toEqual(new Array(50).fill(200))
  expect(getEventListeners(signal, 'abort')).toHaveLength(1)
})

it('takes an answer that came while this process was busy, however late it looks', async () => {
  const server = await fakeProcess({ latencyMs: 1000 })
  const agent = new Agent()
  open.push(server.stop, () => agent.destroy())
  const post = jsonPoster(agent, {}, 2000)
  const place = placeBelow(server.url, '/completions')
  const bodies = Array.from({ length: 10 }, (_, i) => JSON.stringify({ model: 'm', prompt: `Text ${i}` }))
  const answers = Promise.all(bodies.map((body) => post(place, body, calm)))
  const arrived = async () => ((await (await fetch(`${place.origin}/stats`)).json()) as { calls: number }).calls
  await expect.poll(arrived, { interval: 10 }).toBe(10)
  // Behind a busy immediate the timers come first, what has arrived after them.
  await immediate()
  const until = performance.now() + 2500
  while (performance.now() < until);
  expect((await answers).map(({ status }) => status)).toEqual(new Array(10).fill(200))
  expect(await server.books()).toMatchObject({ paid: 10, paidAgain: 0 })
})
