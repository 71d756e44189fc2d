import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { afterEach, expect, it } from 'vitest'
import { KalamError } from '../../../../dataflow/error.ts'
import type { CalledConfig } from '../../../../services/config.ts'
import { pipelineSchema } from '../../../../services/config.ts'
import { lmdbMemory } from '../../../../services/translate/lmdb-memory.ts'
import { openOpenai } from '../../../../services/translate/open-openai.ts'
import { callThread } from '../../../../services/translate/thread/call-thread.ts'
import type { FromThread, ThreadPort, ToThread } from '../../../../services/translate/thread/messages.ts'
import { serveCalls } from '../../../../services/translate/thread/serve-calls.ts'
import type { TranslateAnswer, Translator } from '../../../../services/translate/translator.ts'
import { fakeOpenai } from '../../../fake-openai/server.ts'
import type { FakeOptions } from '../../../fake-openai/settings.ts'
import { workFolder } from '../../../system/kalam.ts'
import { calm, rejection, requestOf } from '../fake-line.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

const portOf = <Out, In>(port: MessagePort): ThreadPort<Out, In> => ({
  post: (messages) => port.postMessage(messages),
  onMessages: (take) => port.on('message', take),
})

/** A translator whose calls are made at the other end of a channel, as they are in another thread. */
const opened = async (options: FakeOptions, more: Record<string, unknown> = {}) => {
  const server = await fakeOpenai(options)
  const folder = workFolder()
  const { port1: here, port2: there } = new MessageChannel()
  closers.push(server.close, folder.remove, () => here.close())
  const env = { KEY: 'sk-right' }
  let end = (_thrown: unknown): void => undefined
  const seen: string[] = []
  const thread = callThread({
    start(onEnd) {
      end = onEnd
      const served = serveCalls(portOf<FromThread, ToThread>(there), {
        ...{ base: folder.path, env, now: Date.now },
        openMemory: () => lmdbMemory({ folder: folder.path }),
      })
      void served.then(() => onEnd(new Error('it was told to')))
      return portOf<ToThread, FromThread>(here)
    },
    onWait: ({ line, event }) => seen.push(`waits ${line} ${event.reason}`),
    wrapBackend: (backend): Translator => ({
      ...backend,
      async translate(request, call) {
        seen.push(`begins ${request.text}`)
        try {
          const answer = await backend.translate(request, call)
          seen.push(`ends ${request.text} ${answer.usage.completion_tokens > 0}`)
          return answer
        } catch (thrown) {
          seen.push(`fails ${request.text} ${(thrown as KalamError).code}`)
          throw thrown
        }
      },
    }),
  })
  closers.push(thread.close)
  const { translators } = pipelineSchema.parse({
    pipeline: 'test',
    sources: [{ name: 'one', path: 'one.jsonl' }],
    chunkings: { lines25: { by: 'lines' } },
    translators: { model: { backend: 'openai', url: server.url, model: 'fake', chunking: 'lines25', ...more } },
    rankings: {},
  })
  const settings = translators.model as Extract<CalledConfig, { backend: 'openai' }>
  const line = thread.open('model', settings, openOpenai('model', settings, { env, now: Date.now }))
  const ask = (text: string, signal = calm): Promise<TranslateAnswer> =>
    line.translator.translate(requestOf(text), { signal })
  return { server, thread, line, ask, seen, end: (thrown: unknown) => end(thrown) }
}

it('answers as the translator does here, asks for equal texts once, and remembers', async () => {
  const { server, ask, seen } = await opened({})
  const [first, equal] = await Promise.all([ask('good morning'), ask('good morning')])
  expect([first!.text, first!.fromMemory ?? false, equal!.fromMemory]).toEqual([equal!.text, false, true])
  expect(first!.usage).toMatchObject({ model: 'fake', finish_reason: 'stop' })
  expect((await ask('good morning')).fromMemory).toBe(true)
  expect(server.books()).toMatchObject({ paid: 1 })
  expect(seen).toEqual(['begins good morning', 'ends good morning true'])
})

it('fails with the same errors', async () => {
  const { ask, seen } = await opened({
    fault: ({ body }) =>
      JSON.stringify(body).includes('a text') ? { kind: 'status', status: 413, body: 'too long' } : undefined,
  })
  const thrown = (await rejection(ask('a text'))) as KalamError
  expect(thrown).toBeInstanceOf(KalamError)
  expect(thrown).toMatchObject({ code: 'backend_refused', retryable: false, details: { status: 413, ofText: true } })
  expect([thrown.message, thrown.hint]).toEqual([
    expect.stringContaining('s1k/train/7#2 with model: the server answered 413'),
    expect.stringContaining('translators.model'),
  ])
  expect(seen).toContain('fails a text backend_refused')
})

it('ends a call whose signal is aborted, with its reason, and no other', async () => {
  const { server, ask } = await opened({ latencyMs: 300 })
  const stop = new AbortController()
  const [stopped, other] = [rejection(ask('stopped', stop.signal)), ask('other')]
  await expect.poll(server.underWay).toBe(2)
  stop.abort(new Error('enough'))
  expect(await stopped).toEqual(new Error('enough'))
  expect((await other).text).not.toBe('')
  expect(await rejection(ask('late', stop.signal))).toEqual(new Error('enough'))
})

it('tells that the line stands still, and probes it', async () => {
  const { ask, line, seen } = await opened({ key: 'sk-right' })
  const stop = new AbortController()
  const waits = rejection(ask('a text', stop.signal))
  await expect.poll(() => line.stand?.reason?.code).toBe('backend_refused')
  expect(line.stand!.sinceMs).toBeGreaterThan(0)
  expect(seen).toContain('waits model backend_refused')
  expect(await rejection(line.probe!('ar')({ patienceMs: 1000, signal: calm }))).toMatchObject({
    code: 'backend_refused',
    hint: expect.stringContaining('translators.model.key'),
  })
  stop.abort()
  await waits
})

it('lets those who wait know when it ends, and those who come later', async () => {
  const { ask, end, server } = await opened({ latencyMs: 1000 })
  const waiting = rejection(ask('a text'))
  await expect.poll(server.underWay).toBe(1)
  end(new Error('out of memory'))
  for (const thrown of [await waiting, await rejection(ask('another'))])
    expect(thrown).toMatchObject({ code: 'internal', message: expect.stringContaining('ended: out of memory') })
})

it('is not started for a line that asks for nothing', async () => {
  let starts = 0
  const thread = callThread({
    start() {
      starts++
      throw new Error('nobody asked')
    },
    onWait: () => undefined,
  })
  const settings = { slots: 4, timeout_s: 1, backend: 'openai' } as CalledConfig
  thread.open('model', settings, { backend: 'openai', slots: 4 } as Translator)
  await thread.close()
  expect(starts).toBe(0)
})
