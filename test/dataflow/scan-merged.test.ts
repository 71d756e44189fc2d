import { describe, expect, it } from 'vitest'
import type { Log } from '../../dataflow/log.ts'
import { scanMerged } from '../../dataflow/scan-merged.ts'
import { chunk, conversation, foreignRecord, group, scored } from './operators/placed-records.ts'
import { type StageBench, stageBench } from './operators/stage-bench.ts'

const inputs = [
  { topic: 'messages', name: 'Message' },
  { topic: 'chunks', name: 'Chunk' },
  { topic: 'scored', name: 'Scored' },
] as const
const [, chunks, scores] = inputs

const benchWithTopics = () => stageBench('messages', 'chunks', 'scored')

const merged = async (bench: StageBench, log: Log = bench.log) => {
  const found: string[] = []
  for await (const { id, ordinal, groups } of scanMerged(log, bench.codec, inputs, 0)) {
    found.push(`${id} ${ordinal}: ${groups.map((each) => each?.records.length ?? '-').join(' ')}`)
  }
  return found
}

describe('scanMerged', () => {
  it('gives the conversations of all topics by ordinal, missing ones as missing', async () => {
    const bench = await benchWithTopics()
    const { codec } = bench
    await bench.append(
      foreignRecord('messages', 'head'),
      ...conversation(codec, 'a', '1', '2'),
      ...conversation(codec, 'b', '3'),
      ...conversation(codec, 'c', '4'),
    )
    await bench.append(
      ...group(codec, chunks, 'a', 1, chunk('x')),
      ...group(codec, chunks, 'c', 4, chunk('y'), chunk('z')),
    )
    await bench.append(...group(codec, scores, 'b', 3, scored('s')))
    expect(await merged(bench)).toEqual(['a 1: 2 1 -', 'b 3: 1 - 1', 'c 4: 1 2 -'])
  })

  it('gives nothing for empty topics', async () => {
    expect(await merged(await benchWithTopics())).toEqual([])
  })

  it('leaves out a conversation that is not all there yet, and what is behind it in that topic', async () => {
    const bench = await benchWithTopics()
    const { codec } = bench
    await bench.append(...conversation(codec, 'a', '1'), ...conversation(codec, 'b', '2'))
    await bench.append(
      ...group(codec, chunks, 'a', 0, chunk('x')),
      ...group(codec, chunks, 'b', 1, chunk('y'), chunk('z')).slice(0, 1),
    )
    expect(await merged(bench)).toEqual(['a 0: 1 1 -', 'b 1: 1 - -'])
  })

  it('ends where the topics ended at the time of the call', async () => {
    const bench = await benchWithTopics()
    await bench.append(...conversation(bench.codec, 'a', '1'), ...conversation(bench.codec, 'b', '2'))
    const found: string[] = []
    for await (const { id } of scanMerged(bench.log, bench.codec, inputs, 0)) {
      found.push(id)
      await bench.append(...conversation(bench.codec, 'late', '3'))
    }
    expect(found).toEqual(['a', 'b'])
  })
})

describe('scanMerged while others write and read', () => {
  it('sees no topic further than the ones it was made of, also while they grow', async () => {
    const bench = await benchWithTopics()
    const { codec } = bench
    await bench.append(...conversation(codec, 'a', '1'))
    await bench.append(...group(codec, scores, 'a', 0, scored('s')))
    let asked = 0
    const growing: Log = {
      ...bench.log,
      async ends(topic) {
        const ends = await bench.log.ends(topic)
        // Between two looks a conversation goes through the whole pipeline.
        if (asked++ === 0) {
          await bench.append(...conversation(codec, 'b', '2'), ...group(codec, chunks, 'b', 1, chunk('x')))
          await bench.append(...group(codec, scores, 'b', 1, scored('s')))
        }
        return ends
      },
    }
    expect(await merged(bench, growing)).toEqual(['a 0: 1 - 1', 'b 1: 1 1 -'])
  })

  it('stops where one ordinal is two conversations', async () => {
    const bench = await benchWithTopics()
    await bench.append(...conversation(bench.codec, 'a', '1'), ...group(bench.codec, chunks, 'b', 0, chunk('x')))
    await expect(merged(bench)).rejects.toMatchObject({
      code: 'out_of_step',
      message: 'merging messages, chunks, scored: ordinal 0 is a and b',
    })
  })

  it('closes its scans when it is left early', async () => {
    const bench = await benchWithTopics()
    await bench.append(...conversation(bench.codec, 'a', '1'), ...conversation(bench.codec, 'b', '2'))
    const open = new Set<string>()
    const watched: Log = {
      ...bench.log,
      async *scan(topic, ...range) {
        open.add(topic)
        try {
          for await (const records of bench.log.scan(topic, ...range)) for (const record of records) yield [record]
        } finally {
          open.delete(topic)
        }
      },
    }
    for await (const { id } of scanMerged(watched, bench.codec, inputs, 0)) {
      expect(id).toBe('a')
      expect([...open]).toEqual(['messages'])
      break
    }
    expect([...open]).toEqual([])
  })
})
