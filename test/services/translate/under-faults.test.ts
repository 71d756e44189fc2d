import { setMaxListeners } from 'node:events'
import { afterEach, expect, it } from 'vitest'
import type { Placed } from '../../../dataflow/place.ts'
import type { Chunk, Translation } from '../../../schemas/records.ts'
import { pseudoText } from '../../../services/translate/backends/pseudo.ts'
import { limited } from '../../../services/translate/calls/limited.ts'
import { limiter } from '../../../services/translate/calls/limiter.ts'
import { retried } from '../../../services/translate/calls/retried.ts'
import { mapChunk } from '../../../services/translate/map-chunk.ts'
import { remembered } from '../../../services/translate/with-memory.ts'
import { fakeOpenai } from '../../fake-openai/server.ts'
import { backendOf, chunkOf, lineOf, quickly, shortMemory } from './fake-line.ts'

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

const chunks = Array.from(
  { length: 400 },
  (_, i): Placed<Chunk> => ({
    ...{ id: `s/t/${i}`, index: 0, count: 1, ordinal: i, offset: i, timestamp: 0, bytes: 1 },
    body: i % 5 === 4 ? chunkOf('`code`', { kind: 'keep' }) : chunkOf(` Text number ${i % 150}.\n`),
  }),
)

it('gives every chunk one terminal record with its own text, whatever the server does', async () => {
  // One segment in nine is answered with an empty text at first, one in fifty never with anything.
  const empty = (segment: string, attempt: number) => {
    const number = Number(/\d+/.exec(segment)?.[0])
    return number % 50 === 7 || (number % 9 === 0 && attempt === 0)
  }
  const answered: string[] = []
  const server = await fakeOpenai({
    answer: (segment) => {
      answered.push(segment)
      return pseudoText(segment)
    },
    ...{ rateLimited: 0.1, serverErrors: 0.1, broken: 0.1, hangs: 0.02, latencyMs: 1 },
    fault: ({ body }) =>
      empty(/number \d+/.exec(JSON.stringify(body))?.[0] ?? '', Number(body.seed ?? 0))
        ? { kind: 'body', body: { choices: [{ message: { content: '' } }] } }
        : undefined,
  })
  const backend = backendOf(server.url, { timeoutMs: 4000, slots: 32 })
  open.push(server.close, () => backend.close?.())
  const translator = remembered(
    retried(limited(backend, limiter({ slots: 32 })), { ...quickly, attempts: 50 }),
    shortMemory(),
  )
  const stop = new AbortController()
  setMaxListeners(0, stop.signal)
  const map = mapChunk({ ...lineOf(translator), splits: {} }, stop.signal)
  const made = await Promise.all(chunks.map(map))
  const records = made.flatMap((mapped): Translation[] => (mapped ? [mapped.body] : []))
  expect(records).toHaveLength(chunks.length)
  for (const [i, { status, reason, target_text, attempts }] of records.entries()) {
    const { kind, text } = chunks[i]!.body!
    const number = i % 150
    if (kind === 'keep') expect([status, target_text]).toEqual(['kept', null])
    else if (number % 50 === 7) expect([status, reason, target_text]).toEqual(['failed', 'empty', null])
    else expect([status, target_text]).toEqual(['translated', pseudoText(text)])
    if (kind === 'translate' && number % 50 !== 7) expect(attempts).toHaveLength(number % 9 === 0 ? 2 : 1)
  }
  const paid = answered.filter((segment) => segment !== 'Hello.')
  expect(new Set(paid).size).toBe(paid.length)
})
