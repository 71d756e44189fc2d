import { expect, it } from 'vitest'
import { fairTurns, type Turn, type Turns } from '../../../services/ingest/fair-turns.ts'
import { ingestPipeline } from './ingest-pipeline.ts'

const rows = (count: number, name: string): string =>
  Array.from({ length: count }, (_, i) =>
    JSON.stringify({ messages: [{ role: 'user', content: `${name} ${i}` }] }).concat('\n'),
  ).join('')

const data = {
  'one/large.jsonl': rows(600, 'large'),
  'one/small-00000-of-00002.jsonl': rows(30, 'first'),
  'one/small-00001-of-00002.jsonl': rows(30, 'second'),
  'two/other.jsonl': rows(240, 'other'),
}
const sources = [
  { name: 'one', path: 'one' },
  { name: 'two', path: 'two' },
]
const shares = { 'one/large': 600, 'one/small': 60, 'two/other': 240 }

/** Both sources in turns with each other. */
const readInTurns = async (
  pipeline: ReturnType<typeof ingestPipeline>,
  signal: AbortSignal,
  turns = fairTurns(sources.length),
): Promise<void> =>
  pipeline.withLog(async (log) => {
    const ingests = await Promise.all(sources.map((source) => pipeline.open(log, source, false, turns)))
    await Promise.all(ingests.map((ingest) => ingest.readOn(signal)))
  })

/** Turns that stop everything after so many. */
const stoppedAfter = (count: number, stop: AbortController): Turns => {
  const turns = fairTurns(sources.length)
  let taken = 0
  const counted = (turn: Turn): Turn => ({
    ...turn,
    next(progress, signal) {
      if (++taken === count) stop.abort()
      return turn.next(progress, signal)
    },
  })
  return { join: (progress) => turns.join(progress).map(counted) }
}

const never = new AbortController().signal
const splitOf = (key: string) => key.slice(0, key.lastIndexOf('/'))

it('reads splits of all sources in proportion to their size', async () => {
  const pipeline = ingestPipeline()
  pipeline.write(data)
  await readInTurns(pipeline, never)
  const { messages, checkpoints } = await pipeline.written()
  expect(messages).toHaveLength(900)
  expect(checkpoints.every(({ done }) => done)).toBe(true)
  for (const partition of [0, 1, 2]) {
    const keys = messages.filter((message) => message.partition === partition).map(({ key }) => splitOf(key))
    for (const part of [0.25, 0.5, 0.75]) {
      const begun = keys.slice(0, Math.round(keys.length * part))
      for (const split of Object.keys(shares)) {
        const all = keys.filter((key) => key === split).length
        const share = begun.filter((key) => key === split).length / all
        expect(Math.abs(share - part), `${split} at ${part}`).toBeLessThan(split === 'one/small' ? 0.12 : 0.06)
      }
    }
  }
})

it('gives every row the id it has when files are read one after the other', async () => {
  const [inTurns, inOrder] = [ingestPipeline(), ingestPipeline()]
  inTurns.write(data)
  inOrder.write(data)
  await readInTurns(inTurns, never)
  for (const source of sources) await inOrder.run(source)
  const rowsOf = async (pipeline: typeof inTurns) =>
    (await pipeline.written()).messages.map(({ key, body }) => `${key} ${body.content}`).sort()
  expect(await rowsOf(inTurns)).toEqual(await rowsOf(inOrder))
})

it('goes on behind a stop, in turns or in order, with nothing lost or doubled', async () => {
  for (const goesOn of ['in turns', 'in order']) {
    const pipeline = ingestPipeline()
    pipeline.write(data)
    const stop = new AbortController()
    await readInTurns(pipeline, stop.signal, stoppedAfter(60, stop))
    const before = (await pipeline.written()).messages.length
    expect(before).toBeGreaterThan(100)
    expect(before).toBeLessThan(400)
    if (goesOn === 'in turns') await readInTurns(pipeline, never)
    else for (const source of sources) await pipeline.run(source)
    const { messages } = await pipeline.written()
    expect(new Set(messages.map(({ key }) => key)).size).toBe(900)
    expect(messages).toHaveLength(900)
  }
})

it('reads one after the other where rows name their splits themselves', async () => {
  const pipeline = ingestPipeline()
  const own = (split: string, content: string) => JSON.stringify({ split, messages: [{ role: 'user', content }] })
  pipeline.write({ 'one/a.jsonl': `${own('x', '0')}\n${own('y', '1')}\n`, 'one/b.jsonl': `${own('x', '2')}\n` })
  await pipeline.withLog(async (log) => {
    const ingest = await pipeline.open(log, { name: 'one', path: 'one' }, false, fairTurns(1))
    await ingest.readOn(never)
  })
  const { messages } = await pipeline.written()
  expect(messages.map(({ key, body }) => `${key} ${body.content}`).sort()).toEqual([
    'one/x/0 0',
    'one/x/1 2',
    'one/y/0 1',
  ])
})

it('refuses a row of another split than its file, met when files are read side by side', async () => {
  const pipeline = ingestPipeline()
  const late = JSON.stringify({ split: 'b', messages: [{ role: 'user', content: 'late' }] })
  pipeline.write({ 'one/a.jsonl': `${rows(300, 'a')}${late}\n`, 'one/b.jsonl': rows(3, 'b') })
  await pipeline.withLog(async (log) => {
    const ingest = await pipeline.open(log, { name: 'one', path: 'one' }, false, fairTurns(1))
    await expect(ingest.readOn(never)).rejects.toMatchObject({
      code: 'usage',
      message: 'reading source one: a.jsonl:301 is a row of split b, and others before it were of a',
    })
  })
})
