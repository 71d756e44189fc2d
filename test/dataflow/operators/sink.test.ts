import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { OperatorContext } from '../../../dataflow/operators/group-reader.ts'
import { sink } from '../../../dataflow/operators/sink.ts'
import type { Placed } from '../../../dataflow/place.ts'
import type { Message } from '../../../schemas/records.ts'
import { conversation, foreignRecord } from './placed-records.ts'
import { type RunningStage, stageBench } from './stage-bench.ts'

const input = { topic: 'messages', name: 'Message' } as const
const asTheyAre = (records: Placed<Message>[]) => records

const stage = (write: (records: Placed<Message>[]) => Promise<void>): RunningStage => ({
  group: 'land',
  inputs: ['messages'],
  work: (context) => sink(context, { input, prepare: asTheyAre, write: (batches) => write(batches.flat()) }),
})

/** A stage that reads 200 bytes at once and whose writes end when they are told to. */
const heldWrites = ({ foreign, ...size }: { sizeOf?(): number; foreign?: OperatorContext['foreign'] } = {}) => {
  const prepared: string[] = []
  const writes: string[][] = []
  let end = () => {}
  const stage: RunningStage = {
    group: 'land',
    inputs: ['messages'],
    work: (context) =>
      sink(
        { ...context, readBytes: 200, ...(foreign && { foreign }) },
        {
          input,
          ...size,
          prepare(records) {
            prepared.push(...records.map(({ id }) => id))
            return records.map(({ id }) => id)
          },
          write(batches) {
            writes.push(batches.flat())
            return new Promise((resolve) => {
              end = resolve
            })
          },
        },
      ),
  }
  return { stage, prepared, writes, finish: () => end() }
}

describe('sink', () => {
  it('writes every record in order and then commits', async () => {
    const bench = await stageBench('messages')
    await bench.append(...conversation(bench.codec, 'a', 'one', 'two'))
    const written: string[] = []
    const membership = await bench.run(
      stage(async (records) => {
        const committed = await bench.log.committed('land', 'messages')
        for (const { id, index, ordinal } of records) written.push(`${committed[0]}: ${id} ${index} ${ordinal}`)
      }),
    )
    await expect.poll(() => bench.log.committed('land', 'messages')).toEqual([2])
    await bench.append(...conversation(bench.codec, 'b', 'three'))
    await expect.poll(() => bench.log.committed('land', 'messages')).toEqual([3])
    await membership.stop()
    expect(written).toEqual(['undefined: a 0 0', 'undefined: a 1 0', '2: b 0 2'])
  })

  it('hands on whole conversations, also where a read ends inside one', async () => {
    const bench = await stageBench('messages')
    for (const id of ['a', 'b', 'c']) await bench.append(...conversation(bench.codec, id, 'one', 'two', 'three'))
    const batches: string[] = []
    const halfRead: RunningStage = {
      group: 'land',
      inputs: ['messages'],
      work: (context) =>
        sink(
          { ...context, readBytes: 1 },
          {
            input,
            prepare: asTheyAre,
            write: async (written) => {
              for (const records of written) batches.push(records.map(({ id, index }) => `${id}${index}`).join(' '))
            },
          },
        ),
    }
    const membership = await bench.run(halfRead)
    await expect.poll(() => bench.log.committed('land', 'messages')).toEqual([9])
    await membership.stop()
    expect(batches).toEqual(['a0 a1 a2', 'b0 b1 b2', 'c0 c1 c2'])
  })

  it('writes the same batch again after a failed write', async () => {
    const bench = await stageBench('messages')
    await bench.append(...conversation(bench.codec, 'a', 'one', 'two'))
    const batches: string[][] = []
    const keep = async (records: Placed<Message>[]) => {
      batches.push(records.map(({ body }) => body!.content))
      if (batches.length === 1) throw new Error('the table is away')
    }
    await expect(bench.runThrough(stage(keep))).rejects.toThrow('the table is away')
    expect(await bench.log.committed('land', 'messages')).toEqual([undefined])
    await bench.runThrough(stage(keep))
    expect(batches).toEqual([
      ['one', 'two'],
      ['one', 'two'],
    ])
  })

  it('counts what was made of records, not the records, where it is told its size', async () => {
    const bench = await stageBench('messages')
    const ids = [...'abcdefghijklmnopqrstuvwxyz']
    for (const id of ids) await bench.append(...conversation(bench.codec, id, 'x'.repeat(100)))
    const { stage, prepared, finish } = heldWrites({ sizeOf: () => 10 })
    const membership = await bench.run(stage)
    await expect.poll(() => prepared).toEqual(ids)
    expect(await bench.log.committed('land', 'messages')).toEqual([undefined])
    finish()
    await expect.poll(() => bench.log.committed('land', 'messages')).not.toEqual([undefined])
    finish()
    await membership.stop()
  })

  it('counts what goes to the dead letters, also where nothing is made of the records', async () => {
    const bench = await stageBench('messages', 'dead')
    await bench.append(...conversation(bench.codec, 'a', 'one'))
    let seen = 0
    const foreign = () => {
      seen++
      return { ...foreignRecord('dead', 'alien'), value: Buffer.alloc(100) }
    }
    const { stage, writes, finish } = heldWrites({ sizeOf: () => 0, foreign })
    const membership = await bench.run(stage)
    await expect.poll(() => writes.length).toBe(1)
    for (let i = 0; i < 300; i++) await bench.append(foreignRecord('messages', 'alien'))
    await expect.poll(() => seen).toBeGreaterThan(3)
    await sleep(100)
    expect(seen).toBeLessThan(300)
    const finishing = setInterval(finish, 5)
    await expect.poll(() => bench.log.committed('land', 'messages')).toEqual([301])
    clearInterval(finishing)
    await membership.stop()
    expect(await bench.records('dead')).toHaveLength(300)
  })

  it('reads on and prepares while a write goes on, about two reads more, and then writes all of it as one', async () => {
    const bench = await stageBench('messages')
    const { stage, prepared, writes, finish } = heldWrites()
    const membership = await bench.run(stage)
    const append = async (id: string) => bench.append(...conversation(bench.codec, id, 'x'.repeat(40)))
    const ids = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ']
    for (const [i, id] of ids.entries()) {
      await append(id)
      if (i < 3) await expect.poll(() => prepared.length).toBe(i + 1)
    }
    await sleep(50)
    expect(prepared.length).toBeGreaterThan(4)
    expect(prepared.length).toBeLessThan(ids.length)
    expect(writes).toEqual([['a']])
    const second = [...prepared.slice(1)]
    finish()
    await expect.poll(() => writes.length).toBe(2)
    expect(writes[1]).toEqual(second)
    expect(await bench.log.committed('land', 'messages')).toEqual([1])
    while (writes.flat().length < ids.length) {
      finish()
      await sleep(30)
    }
    finish()
    await expect.poll(() => bench.log.committed('land', 'messages')).toEqual([ids.length])
    await membership.stop()
    expect(writes.flat()).toEqual(ids)
  })

  it('does not commit a write that ends after the task', async () => {
    const bench = await stageBench('messages')
    await bench.append(...conversation(bench.codec, 'a', 'one'))
    let writing = () => {}
    const started = new Promise<void>((resolve) => {
      writing = resolve
    })
    let finish = () => {}
    const membership = await bench.run(
      stage(() => {
        writing()
        return new Promise((resolve) => {
          finish = resolve
        })
      }),
    )
    await started
    const stopped = membership.stop()
    finish()
    await stopped
    await expect(membership.done).resolves.toBeUndefined()
    expect(await bench.log.committed('land', 'messages')).toEqual([undefined])
  })

  it('shows undecodable bodies at their place and skips foreign records', async () => {
    const bench = await stageBench('messages')
    const [bad] = conversation(bench.codec, 'bad', 'x')
    await bench.append({ ...bad!, value: Buffer.from([0, 0]) }, foreignRecord('messages', 'alien'))
    const seen: string[] = []
    await bench.runThrough(
      stage(async (records) => {
        seen.push(...records.map(({ id, body, problem }) => `${id} ${body} ${problem}`))
      }),
    )
    expect(seen).toEqual([expect.stringMatching(/^bad undefined decoding a Message: /)])
    expect(bench.foreign).toEqual(['messages alien'])
    expect(await bench.log.committed('land', 'messages')).toEqual([2])
  })
})
