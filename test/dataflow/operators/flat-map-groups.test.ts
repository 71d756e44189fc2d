import { describe, expect, it } from 'vitest'
import { flatMapGroups } from '../../../dataflow/operators/flat-map-groups.ts'
import type { Group } from '../../../dataflow/operators/group-reader.ts'
import { computeLimits, type Limits } from '../../../dataflow/operators/run-ordered.ts'
import type { Chunk, Message } from '../../../schemas/records.ts'
import { chunk, conversation, foreignRecord, placed, placeOf } from './placed-records.ts'
import { type RunningStage, stageBench } from './stage-bench.ts'

const input = { topic: 'messages', name: 'Message' } as const
const output = { topic: 'chunks', name: 'Chunk' } as const

const stage = (
  each: (group: Group<Message>) => Chunk[] | Promise<Chunk[]>,
  limits: Limits = computeLimits,
): RunningStage => ({
  group: 'chunk',
  inputs: ['messages'],
  output: 'chunks',
  work: (context) => flatMapGroups(context, { input, output, each, limits }),
})

const texts = (group: Group<Message>) =>
  group.records.map(({ body, problem }) => chunk(body?.content ?? `(${problem})`))

describe('flatMapGroups', () => {
  it('gives the function whole conversations and writes its records at their places', async () => {
    const bench = await stageBench('messages', 'chunks')
    const { codec } = bench
    await bench.append(...conversation(codec, 'a', 'one', 'two'), ...conversation(codec, 'b', 'three'))
    await bench.append(...conversation(codec, 'c', 'four', 'five', 'six'))
    await bench.runThrough(stage((group) => [...texts(group), chunk(`end of ${group.id}`)]))
    expect((await bench.records('chunks')).map(placeOf)).toEqual([
      'a 0 0/3 <2',
      'a 0 1/3 <2',
      'a 0 2/3 <2',
      'b 2 0/2 <3',
      'b 2 1/2 <3',
      'c 3 0/4 <6',
      'c 3 1/4 <6',
      'c 3 2/4 <6',
      'c 3 3/4 <6',
    ])
    const bodies = await bench.bodies('Chunk', 'chunks')
    expect(bodies.map(({ text }) => text)).toEqual([
      'one',
      'two',
      'end of a',
      'three',
      'end of b',
      'four',
      'five',
      'six',
      'end of c',
    ])
    expect((await bench.records('chunks')).every(({ timestamp }) => timestamp === 1000)).toBe(true)
  })

  it('shows an undecodable body at its place', async () => {
    const bench = await stageBench('messages', 'chunks')
    const [first, second, third] = conversation(bench.codec, 'a', 'one', 'two', 'three')
    await bench.append(first!, { ...second!, value: second!.value.subarray(0, 9) }, third!)
    await bench.runThrough(stage(texts))
    const bodies = await bench.bodies('Chunk', 'chunks')
    expect(bodies.map(({ text }) => text)).toEqual([
      'one',
      expect.stringMatching(/^\(decoding a Message: .*truncated\)$/),
      'three',
    ])
  })

  it('skips foreign records, tells them and moves on behind them', async () => {
    const bench = await stageBench('messages', 'chunks')
    const { codec } = bench
    const place = { index: '0', count: '1' }
    const foreign = [
      {},
      { index: '0' },
      { count: '1' },
      { ...place, index: '1' },
      { ...place, index: '' },
      { ...place, index: '0x0' },
      { ...place, count: '1e3' },
      { index: '-1', count: '1' },
    ]
    await bench.append(
      ...foreign.map((headers, i) => foreignRecord('messages', `f${i}`, headers)),
      foreignRecord('messages', '', place),
    )
    await bench.append(...conversation(codec, 'a', 'one'), foreignRecord('messages', 'last'))
    await bench.runThrough(stage(texts))
    expect(bench.foreign).toEqual([...foreign.map((_, i) => `messages f${i}`), 'messages ', 'messages last'])
    expect((await bench.records('chunks')).map(placeOf)).toEqual(['a 9 0/1 <10'])
    expect(await bench.log.committed('chunk', 'messages')).toEqual([11])
  })
})

describe('flatMapGroups as a task', () => {
  it('runs several groups at once and writes them in order', async () => {
    const bench = await stageBench('messages', 'chunks')
    await bench.append(...['a', 'b', 'c', 'd', 'e'].flatMap((id) => conversation(bench.codec, id, id)))
    let running = 0
    let most = 0
    await bench.runThrough(
      stage(
        async (group) => {
          most = Math.max(most, ++running)
          // Later groups are faster.
          await new Promise((resolve) => setTimeout(resolve, 12 - 2 * group.ordinal))
          running--
          return texts(group)
        },
        { ...computeLimits, window: 3 },
      ),
    )
    expect(most).toBe(3)
    expect((await bench.records('chunks')).map(({ key }) => key)).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  it('stops when a conversation gets no record: merges would wait for it for ever', async () => {
    const bench = await stageBench('messages', 'chunks')
    await bench.append(...conversation(bench.codec, 'a', 'one'))
    await expect(bench.runThrough(stage(() => []))).rejects.toThrow(/chunks.* a /)
    expect(await bench.log.committed('chunk', 'messages')).toEqual([undefined])
  })

  it('goes on behind its last output when the committed position is lost', async () => {
    const bench = await stageBench('messages', 'chunks')
    await bench.append(...conversation(bench.codec, 'a', 'one', 'two'))
    await bench.runThrough(stage(texts))
    await bench.append(...conversation(bench.codec, 'b', 'three'))
    await bench.runThrough({ ...stage(texts), group: 'chunk-without-position' })
    expect((await bench.records('chunks')).map(placeOf)).toEqual(['a 0 0/2 <2', 'a 0 1/2 <2', 'b 2 0/1 <3'])
  })
})

describe('a topic that does not hold whole conversations in order', () => {
  const chunks = { topic: 'messages', name: 'Chunk' } as const
  it.each([
    ['a conversation without its first record', [{ id: 'a', ordinal: 0, index: 1, count: 2 }]],
    [
      'another conversation inside',
      [
        { id: 'a', ordinal: 0, index: 0, count: 2 },
        { id: 'b', ordinal: 0, index: 1, count: 2 },
      ],
    ],
    [
      'another ordinal inside',
      [
        { id: 'a', ordinal: 0, index: 0, count: 2 },
        { id: 'a', ordinal: 1, index: 1, count: 2 },
      ],
    ],
    [
      'a record twice',
      [
        { id: 'a', ordinal: 0, index: 0, count: 2 },
        { id: 'a', ordinal: 0, index: 0, count: 2 },
      ],
    ],
    [
      'a conversation twice',
      [
        { id: 'a', ordinal: 4, index: 0, count: 1 },
        { id: 'a', ordinal: 4, index: 0, count: 1 },
      ],
    ],
    [
      'ordinals that go down',
      [
        { id: 'a', ordinal: 4, index: 0, count: 1 },
        { id: 'b', ordinal: 3, index: 0, count: 1 },
      ],
    ],
  ])('stops at %s', async (_, places) => {
    const bench = await stageBench('messages', 'chunks')
    await bench.append(...places.map((place) => placed(bench.codec, chunks, place, chunk('x'))))
    const broken = {
      ...stage(() => []),
      work: (context: Parameters<RunningStage['work']>[0]) =>
        flatMapGroups(context, { input: chunks, output, each: () => [chunk('y')] }),
    }
    await expect(bench.runThrough(broken)).rejects.toMatchObject({
      code: 'out_of_step',
      message: expect.stringMatching(
        new RegExp(`reading messages, offset ${places.length - 1}: found ${places.at(-1)!.id}`),
      ),
      hint: expect.any(String),
    })
  })
})
