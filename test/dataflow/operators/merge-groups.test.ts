import { describe, expect, it } from 'vitest'
import type { Group } from '../../../dataflow/operators/group-reader.ts'
import { mergeGroups } from '../../../dataflow/operators/merge-groups.ts'
import type { Chunk } from '../../../schemas/records.ts'
import { chunk, foreignRecord, group, placeOf, scored } from './placed-records.ts'
import { type RunningStage, type StageBench, stageBench } from './stage-bench.ts'

const inputs = ['a', 'b', 'c'].map((topic) => ({ topic, name: 'Chunk' as const }))
const output = { topic: 'out', name: 'Scored' } as const

const texts = (found: Group<Chunk> | undefined) =>
  found ? found.records.map(({ body }) => body?.text ?? '?').join('+') : '-'

const stage: RunningStage = {
  group: 'merge',
  inputs: ['a', 'b', 'c'],
  output: 'out',
  work: (context) =>
    mergeGroups<readonly 'Chunk'[], 'Scored'>(context, {
      inputs,
      output,
      each: (groups, id) => [scored(`${id}: ${groups.map(texts).join(' ')}`)],
    }),
}

const targets = async (bench: StageBench) => (await bench.bodies('Scored', 'out')).map(({ target }) => target)

const bench = () => stageBench('a', 'b', 'c', 'out')
/** Appends conversations to an input as `ordinal: texts`; conversation n is named `n<ordinal>`. */
const fill = (on: StageBench, topic: string, conversations: Record<number, string[]>) =>
  on.append(
    ...Object.entries(conversations).flatMap(([ordinal, parts]) =>
      group(on.codec, { topic, name: 'Chunk' }, `n${ordinal}`, Number(ordinal), ...parts.map(chunk)),
    ),
  )

describe('mergeGroups', () => {
  it('shows the records of one conversation from every input, missing ones as missing', async () => {
    const on = await bench()
    await fill(on, 'a', { 0: ['a0'], 3: ['a3', 'A3'], 5: ['a5'], 9: ['a9'] })
    await fill(on, 'b', { 3: ['b3'], 4: ['b4'], 5: ['b5'], 9: ['b9'] })
    await fill(on, 'c', { 0: ['c0'], 5: ['c5', 'C5'], 9: ['c9'] })
    await on.runThrough(stage)
    expect(await targets(on)).toEqual([
      'n0: a0 - c0',
      'n3: a3+A3 b3 -',
      'n4: - b4 -',
      'n5: a5 b5 c5+C5',
      'n9: a9 b9 c9',
    ])
    expect((await on.records('out')).map(placeOf)).toEqual([
      'n0 0 0/1 <1,0,1',
      'n3 3 0/1 <3,1,1',
      'n4 4 0/1 <3,2,1',
      'n5 5 0/1 <4,3,3',
      'n9 9 0/1 <5,4,4',
    ])
  })

  it('waits with a conversation until every input has come as far', async () => {
    const on = await bench()
    await fill(on, 'a', { 0: ['a0'], 1: ['a1'] })
    await fill(on, 'b', { 0: ['b0'] })
    const membership = await on.run(stage)
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(await targets(on)).toEqual([])
    await fill(on, 'c', { 1: ['c1'] })
    await expect.poll(() => targets(on)).toEqual(['n0: a0 b0 -'])
    await fill(on, 'b', { 1: ['b1'] })
    await expect.poll(() => targets(on)).toEqual(['n0: a0 b0 -', 'n1: a1 b1 c1'])
    await membership.stop()
  })

  it('takes a conversation with a single record as a whole one', async () => {
    const on = await bench()
    await fill(on, 'a', { 0: ['x', 'y', 'z'], 1: ['w'] })
    await fill(on, 'b', { 0: ['not in line'], 1: ['w'] })
    await fill(on, 'c', { 0: ['p', 'q'], 1: ['w'] })
    await on.runThrough(stage)
    expect(await targets(on)).toEqual(['n0: x+y+z not in line p+q', 'n1: w w w'])
  })

  it('stops where one ordinal is two conversations', async () => {
    const on = await bench()
    await fill(on, 'a', { 0: ['a0'], 1: ['a1'] })
    await fill(on, 'b', { 0: ['b0'], 1: ['b1'] })
    await fill(on, 'c', { 0: ['c0'] })
    await on.append(...group(on.codec, { topic: 'c', name: 'Chunk' }, 'another', 1, chunk('c1')))
    await expect(on.runThrough(stage)).rejects.toMatchObject({
      code: 'out_of_step',
      message: expect.stringMatching(/merging a, b, c: ordinal 1 is n1 .* another/),
      hint: expect.stringContaining('new name'),
    })
    expect((await targets(on)).filter((target) => target.startsWith('n1'))).toEqual([])
  })
})

describe('mergeGroups as a task', () => {
  it('goes on where it stopped, in every input, with and without the committed position', async () => {
    const on = await bench()
    const write = async (ordinals: number[]) => {
      for (const topic of ['a', 'b', 'c'])
        await fill(on, topic, Object.fromEntries(ordinals.map((o) => [o, [topic, topic]])))
    }
    await write([0, 1, 2])
    await on.runThrough(stage)
    await write([3, 4])
    await on.runThrough(stage)
    await write([5])
    await on.runThrough({ ...stage, group: 'merge-without-position' })
    expect((await on.records('out')).map(({ key }) => key)).toEqual(['n0', 'n1', 'n2', 'n3', 'n4', 'n5'])
  })

  it('shows undecodable bodies and skips foreign records in any input', async () => {
    const on = await bench()
    await fill(on, 'a', { 0: ['a0'] })
    await on.append(
      foreignRecord('b', 'first'),
      ...group(on.codec, { topic: 'b', name: 'Chunk' }, 'n0', 0, chunk('b0')),
      foreignRecord('b', 'last'),
    )
    const [bad] = group(on.codec, { topic: 'c', name: 'Chunk' }, 'n0', 0, chunk('c0'))
    await on.append({ ...bad!, value: Buffer.from('?') })
    const membership = await on.run(stage)
    await expect.poll(() => targets(on)).toEqual(['n0: a0 b0 ?'])
    await fill(on, 'a', { 7: ['a7'] })
    await fill(on, 'b', { 7: ['b7'] })
    await fill(on, 'c', { 7: ['c7'] })
    await expect.poll(() => targets(on)).toEqual(['n0: a0 b0 ?', 'n7: a7 b7 c7'])
    await membership.stop()
    expect(on.foreign).toEqual(['b first', 'b last'])
  })

  it('passes over foreign records of an input while the others are silent', async () => {
    const on = await bench()
    const membership = await on.run(stage)
    for (const topic of ['c', 'a', 'b']) {
      await on.append(foreignRecord(topic, 'one'), foreignRecord(topic, 'two'))
      await expect.poll(() => on.log.committed(stage.group, topic)).toEqual([2])
    }
    await fill(on, 'b', { 0: ['b0'] })
    await fill(on, 'c', { 0: ['c0'] })
    await on.append(foreignRecord('c', 'three'))
    await fill(on, 'a', { 0: ['a0'] })
    await expect.poll(() => targets(on)).toEqual(['n0: a0 b0 c0'])
    await expect.poll(() => on.log.committed(stage.group, 'c')).toEqual([4])
    await membership.stop()
    expect(on.foreign).toEqual(['c one', 'c two', 'a one', 'a two', 'b one', 'b two', 'c three'])
  })
})
