import { describe, expect, it } from 'vitest'
import { pipelineSchema } from '../../services/config.ts'
import { filterFields, lineNamed, refuseFullDisk, sizeOf } from '../../services/replay.ts'
import { filterOf, takes } from '../../services/row-filter.ts'
import { stageBench } from '../dataflow/operators/stage-bench.ts'

const config = pipelineSchema.parse({
  ...{ pipeline: 'p', sources: [{ name: 's', path: 'a.jsonl' }] },
  chunkings: { lines: { by: 'lines' }, both: { by: 'tokens' } },
  translators: { both: { backend: 'pseudo', chunking: 'lines' } },
  rankings: { r: { candidates: ['both'] } },
})

describe('the name of a line', () => {
  it('is enough where one line has it, scores aside, and else stands behind its stage', () => {
    expect(lineNamed(config, 'lines')).toEqual({ stage: 'chunk', line: 'lines' })
    expect(lineNamed(config, 'r')).toEqual({ stage: 'rank', line: 'r' })
    expect(lineNamed(config, 'score/both')).toEqual({ stage: 'score', line: 'both' })
    expect(() => lineNamed(config, 'both')).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.stringContaining('chunk/both and translate/both') }),
    )
    expect(() => lineNamed(config, 'linse')).toThrow(
      expect.objectContaining({ code: 'not_found', hint: 'Did you mean lines?' }),
    )
  })
})

describe('a filter', () => {
  /** Conversations of two messages each, behind the head of the partition; every third is of split b. */
  const messages = async (count: number) => {
    const bench = await stageBench('p.messages')
    const one = (key: string, index: number) => ({
      ...{ topic: 'p.messages', partition: 0, key, value: new Uint8Array(10), timestamp: 0 },
      headers: { index: String(index), count: '2' },
    })
    await bench.append({ ...one('', 0), headers: {} })
    const ids = Array.from({ length: count }, (_, i) => `s/${i % 3 === 2 ? 'b' : 'a'}/${i}`)
    for (const id of ids) await bench.append(one(id, 0), one(id, 1))
    return { bench, ids }
  }
  const taken = async (count: number, asked: { split?: string; limit?: number }) => {
    const { bench, ids } = await messages(count)
    const filter = filterOf(await filterFields({ log: bench.log, pipeline: 'p' }, asked))
    return ids.flatMap((id, i) => (takes(filter, { id, ordinal: 1 + 2 * i, partition: 0 }) ? [i] : []))
  }

  it('takes the first conversations, so many of a split, or all that there are', async () => {
    expect(await taken(7, { limit: 4 })).toEqual([0, 1, 2, 3])
    expect(await taken(7, { split: 'b' })).toEqual([2, 5])
    expect(await taken(9, { split: 'b', limit: 2 })).toEqual([2, 5])
    expect(await taken(3, { limit: 10 })).toEqual([0, 1, 2])
    expect(await taken(3, {})).toEqual([0, 1, 2])
  })

  it('keeps to its ordinals when more comes in', async () => {
    const { bench } = await messages(3)
    const fields = await filterFields({ log: bench.log, pipeline: 'p' }, { limit: 10 })
    expect(takes(filterOf(fields), { id: 's/a/9', ordinal: 100, partition: 0 })).toBe(false)
  })

  it('is counted in bytes by a sample', async () => {
    const { bench } = await messages(50)
    const { records, bytes } = await sizeOf(bench.log, 'p.messages')
    expect(records).toBe(101)
    expect(bytes).toBeGreaterThan(101 * 20)
  })
})

it('is refused where less than a tenth of the disk would stay free', () => {
  const gib = 2 ** 30
  const disk = { free: 30 * gib, total: 200 * gib }
  expect(() => refuseFullDisk(10 * gib, disk, 'replaying a')).not.toThrow()
  expect(() => refuseFullDisk(11 * gib, disk, 'replaying a')).toThrow(
    expect.objectContaining({
      code: 'disk_full',
      message: expect.stringMatching(/^replaying a: it writes about 11\.0 GiB, and 30\.0 GiB of 200\.0 GiB are free/),
      hint: expect.stringContaining('--limit 1000'),
    }),
  )
})
