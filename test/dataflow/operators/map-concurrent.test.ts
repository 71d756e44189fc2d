import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Mapped, mapConcurrent } from '../../../dataflow/operators/map-concurrent.ts'
import { computeLimits, type Limits } from '../../../dataflow/operators/run-ordered.ts'
import type { Placed } from '../../../dataflow/place.ts'
import type { Chunk } from '../../../schemas/records.ts'
import { chunk, foreignRecord, group, placeOf } from './placed-records.ts'
import { type RunningStage, type StageBench, stageBench } from './stage-bench.ts'

const input = { topic: 'chunks', name: 'Chunk' } as const
const output = { topic: 'out', name: 'Chunk' } as const

const stage = (
  each: (record: Placed<Chunk>) => Mapped<Chunk> | Promise<Mapped<Chunk>>,
  limits: Partial<Limits> = {},
): RunningStage => ({
  group: 'map',
  inputs: ['chunks'],
  output: 'out',
  work: (context) => mapConcurrent(context, { input, output, each, limits: { ...computeLimits, ...limits } }),
})

const upper = (record: Placed<Chunk>): Mapped<Chunk> => ({ body: chunk(record.body!.text.toUpperCase()) })

/** Conversations of one chunk each. */
const singles = (bench: StageBench, ...texts: string[]) =>
  texts.flatMap((text, ordinal) => group(bench.codec, input, `c${ordinal}`, ordinal, chunk(text)))

/** Promises that the test resolves in the order it likes. */
const byHand = () => {
  const waiting = new Map<string, { resolve(): void; reject(thrown: Error): void }>()
  return {
    started: () => [...waiting.keys()],
    each: (record: Placed<Chunk>) =>
      new Promise<Mapped<Chunk>>((resolve, reject) =>
        waiting.set(record.body!.text, { resolve: () => resolve(upper(record)), reject }),
      ),
    finish: (text: string) => waiting.get(text)!.resolve(),
    fail: (text: string) => waiting.get(text)!.reject(new Error(`no ${text}`)),
  }
}

describe('mapConcurrent', () => {
  it('keeps the order of its input whatever each record takes', async () => {
    const bench = await stageBench('chunks', 'out')
    const delays = fc.sample(fc.nat(8), { numRuns: 120, seed: 5 })
    await bench.append(...singles(bench, ...delays.map((ms, i) => `${i} ${ms}`)))
    await bench.runThrough(
      stage(
        async (record) => {
          await new Promise((resolve) => setTimeout(resolve, Number(record.body!.text.split(' ')[1])))
          return upper(record)
        },
        { window: 16, commitRecords: 7, commitMs: 2 },
      ),
    )
    expect((await bench.bodies('Chunk', 'out')).map(({ text }) => text)).toEqual(delays.map((ms, i) => `${i} ${ms}`))
    expect((await bench.records('out')).map(placeOf)).toEqual(delays.map((_, i) => `c${i} ${i} 0/1 <${i + 1}`))
  })

  it('commits the finished prefix and nothing behind a record that is not finished', async () => {
    const bench = await stageBench('chunks', 'out')
    await bench.append(...singles(bench, 'a', 'b', 'c', 'd'))
    const hand = byHand()
    const membership = await bench.run(stage(hand.each, { commitMs: 1 }))
    await expect.poll(hand.started).toEqual(['a', 'b', 'c', 'd'])
    for (const text of ['a', 'c', 'd']) hand.finish(text)
    await expect.poll(() => bench.log.committed('map', 'chunks')).toEqual([1])
    expect((await bench.records('out')).map(({ key }) => key)).toEqual(['c0'])
    hand.finish('b')
    await expect.poll(() => bench.log.committed('map', 'chunks')).toEqual([4])
    expect((await bench.records('out')).map(({ key }) => key)).toEqual(['c0', 'c1', 'c2', 'c3'])
    await membership.stop()
  })

  it('has at most a window of records under way, finished ones that wait included', async () => {
    const bench = await stageBench('chunks', 'out')
    await bench.append(...singles(bench, 'a', 'b', 'c', 'd', 'e'))
    const hand = byHand()
    const membership = await bench.run(stage(hand.each, { window: 3, commitMs: 1 }))
    await expect.poll(hand.started).toEqual(['a', 'b', 'c'])
    hand.finish('b')
    hand.finish('c')
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(hand.started()).toEqual(['a', 'b', 'c'])
    hand.finish('a')
    await expect.poll(hand.started).toEqual(['a', 'b', 'c', 'd', 'e'])
    await membership.stop()
  })

  it('bounds the window in bytes too, and lets one record through that is larger', async () => {
    const bench = await stageBench('chunks', 'out')
    const large = ['a', 'b', 'c'].map((text) => text.repeat(1000))
    await bench.append(...singles(bench, 'x'.repeat(9000), ...large))
    const hand = byHand()
    const membership = await bench.run(stage(hand.each, { windowBytes: 2000, commitMs: 1 }))
    const started = () => hand.started().map((text) => `${text[0]}${text.length}`)
    await expect.poll(started).toEqual(['x9000'])
    hand.finish('x'.repeat(9000))
    await expect.poll(started).toEqual(['x9000', 'a1000', 'b1000'])
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(started()).toEqual(['x9000', 'a1000', 'b1000'])
    hand.finish(large[0]!)
    await expect.poll(started).toEqual(['x9000', 'a1000', 'b1000', 'c1000'])
    await membership.stop()
  })
})

describe('mapConcurrent with turns', () => {
  /** Turns that the test gives, and how often one was waited for. */
  const turns = (free: number) => {
    let left = free
    const waiting: (() => void)[] = []
    return {
      waiting: () => waiting.length,
      turn: (signal: AbortSignal) => {
        if (left-- > 0) return undefined
        return new Promise<void>((resolve, reject) => {
          waiting.push(resolve)
          signal.addEventListener('abort', () => reject(signal.reason))
        })
      },
      give: () => waiting.at(-1)!(),
    }
  }
  const turning = (hand: ReturnType<typeof byHand>, { turn }: ReturnType<typeof turns>): RunningStage => ({
    ...stage(hand.each),
    work: (context) => {
      const limits = { ...computeLimits, commitMs: 1 }
      const own = () => turn(context.task.signal)
      return mapConcurrent(context, { input, output, each: hand.each, turn: own, limits })
    },
  })

  it('begins a record when its turn has come, and hands on what is done meanwhile', async () => {
    const bench = await stageBench('chunks', 'out')
    await bench.append(...singles(bench, 'a', 'b', 'c', 'd'))
    const [hand, given] = [byHand(), turns(2)]
    const membership = await bench.run(turning(hand, given))
    await expect.poll(given.waiting).toBe(1)
    expect(hand.started()).toEqual(['a', 'b'])
    hand.finish('a')
    await expect.poll(async () => (await bench.records('out')).length).toBe(1)
    expect(hand.started()).toEqual(['a', 'b'])
    given.give()
    await expect.poll(given.waiting).toBe(2)
    expect(hand.started()).toEqual(['a', 'b', 'c'])
    await membership.stop()
  })

  it('ends in peace when it is stopped while it waits for one', async () => {
    const bench = await stageBench('chunks', 'out')
    await bench.append(...singles(bench, 'a'))
    const given = turns(0)
    const membership = await bench.run(turning(byHand(), given))
    await expect.poll(given.waiting).toBe(1)
    await membership.stop()
    await expect(membership.done).resolves.toBeUndefined()
  })
})

describe('mapConcurrent with failures and records of their own kind', () => {
  it('stops at a failure although it waits for input, and has committed nothing behind it', async () => {
    const bench = await stageBench('chunks', 'out')
    await bench.append(...singles(bench, 'a', 'b', 'c'))
    const hand = byHand()
    const membership = await bench.run(stage(hand.each, { commitMs: 1 }))
    await expect.poll(hand.started).toEqual(['a', 'b', 'c'])
    hand.finish('a')
    hand.finish('c')
    await expect.poll(() => bench.log.committed('map', 'chunks')).toEqual([1])
    hand.fail('b')
    await expect(membership.done).rejects.toThrow('no b')
    expect((await bench.records('out')).map(({ key }) => key)).toEqual(['c0'])
    await bench.runThrough(stage(upper))
    expect((await bench.records('out')).map(placeOf)).toEqual(['c0 0 0/1 <1', 'c1 1 0/1 <2', 'c2 2 0/1 <3'])
  })

  it('stops at a throw of the function', async () => {
    const bench = await stageBench('chunks', 'out')
    await bench.append(...singles(bench, 'a'))
    const failing = stage(() => {
      throw new Error('thrown at once')
    })
    await expect(bench.runThrough(failing)).rejects.toThrow('thrown at once')
    expect(await bench.records('out')).toEqual([])
  })

  it('makes count: 1 the only record of its conversation and leaves undefined ones out', async () => {
    const bench = await stageBench('chunks', 'out')
    await bench.append(
      ...group(bench.codec, input, 'in', 0, chunk('a'), chunk('b')),
      ...group(bench.codec, input, 'out', 2, chunk('c'), chunk('d'), chunk('e')),
      ...group(bench.codec, input, 'in too', 5, chunk('f')),
    )
    const eachRecord = (record: Placed<Chunk>): Mapped<Chunk> => {
      if (record.id !== 'out') return upper(record)
      return record.index === 0 ? { body: chunk('none'), count: 1 } : undefined
    }
    await bench.runThrough(stage(eachRecord))
    expect((await bench.records('out')).map(placeOf)).toEqual([
      'in 0 0/2 <1',
      'in 0 1/2 <2',
      'out 2 0/1 <3',
      'in too 5 0/1 <6',
    ])
    // Without the committed position it begins behind the last output, on records that give none.
    await bench.append(...group(bench.codec, input, 'out', 6, chunk('g'), chunk('h')))
    await bench.runThrough({ ...stage(eachRecord), group: 'recovered' })
    await bench.runThrough({ ...stage(eachRecord), group: 'recovered again' })
    expect((await bench.records('out')).slice(4).map(placeOf)).toEqual(['out 6 0/1 <7'])
  })

  it('passes undecodable bodies on at their place and skips foreign records', async () => {
    const bench = await stageBench('chunks', 'out')
    const [bad] = group(bench.codec, input, 'bad', 0, chunk('x'))
    await bench.append(
      { ...bad!, value: Buffer.from('no avro') },
      foreignRecord('chunks', 'alien'),
      ...group(bench.codec, input, 'good', 2, chunk('y')),
    )
    await bench.runThrough(stage((record) => ({ body: chunk(record.body?.text ?? record.problem!) })))
    const bodies = await bench.bodies('Chunk', 'out')
    expect(bodies.map(({ text }) => text)).toEqual([expect.stringContaining('decoding a Chunk'), 'y'])
    expect((await bench.records('out')).map(placeOf)).toEqual(['bad 0 0/1 <1', 'good 2 0/1 <3'])
    expect(bench.foreign).toEqual(['chunks alien'])
  })
})

describe('the commits of mapConcurrent', () => {
  it('commits in batches of about commitRecords', async () => {
    const bench = await stageBench('chunks', 'out')
    await bench.append(...singles(bench, ...'abcdefghij'))
    const sizes: number[] = []
    await bench.runThrough({
      ...stage(upper, { commitRecords: 4, commitMs: 60_000 }),
      wrap: (task) => ({
        ...task,
        commit: (outputs, positions) => {
          sizes.push(outputs.length)
          return task.commit(outputs, positions)
        },
      }),
    })
    expect(sizes).toEqual([4, 4, 2])
  })
})
