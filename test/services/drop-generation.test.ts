import { describe, expect, it } from 'vitest'
import { createPipeline, generationEntry, liveGeneration } from '../../dataflow/control.ts'
import { controlFeed } from '../../dataflow/control-feed.ts'
import { pipelineSchema } from '../../services/config.ts'
import { dropExpired, dropGeneration, keepGeneration } from '../../services/drop-generation.ts'
import { generationOf } from '../../services/generations.ts'
import type { OpenedWarehouse } from '../../services/land/warehouse.ts'
import { stageBench } from '../dataflow/operators/stage-bench.ts'

const config = pipelineSchema.parse({
  ...{ pipeline: 'p', partitions: 1, sources: [{ name: 's', path: 'a.jsonl' }] },
  chunkings: { lines: { by: 'lines' } },
  translators: { a: { backend: 'pseudo', chunking: 'lines' } },
  rankings: { r: { candidates: ['a'] } },
})
const day = 24 * 3_600_000
const ref = (generation: number) => ({ stage: 'chunk', line: 'lines', generation }) as const

/** A chunking whose first generation was replaced on day 0 by the second. */
const replaced = async () => {
  const bench = await stageBench('p.control', 'p.chunks.lines', 'p.chunks.lines.g2')
  await createPipeline(bench.log, bench.codec, 'p.control', 'uuid', 1)
  const feed = await controlFeed(bench.log, bench.codec, 'p.control')
  const line = { stage: 'chunk', line: 'lines', settings: {} }
  await feed.change(() => [
    generationEntry(line, { generation: 1, state: 'stopped', created_at: 0, stopped_at: day }),
    generationEntry(line, { generation: 2, state: 'live', created_at: 0 }),
  ])
  const commands: string[] = []
  const warehouse = {
    id: 'w',
    command: async (sql: string) => void commands.push(sql),
  } as unknown as OpenedWarehouse
  return { bench, feed, commands, parts: { log: bench.log, feed, config, warehouse } }
}

describe('a replaced generation', () => {
  it('is deleted seven days after it was replaced, not before', async () => {
    const { bench, feed, parts } = await replaced()
    expect(await dropExpired(parts, 7.9 * day)).toEqual([])
    expect(await dropExpired(parts, 8 * day)).toMatchObject([{ line: 'lines', generation: 1 }])
    expect(Object.keys(await bench.log.topics()).sort()).toEqual(['p.chunks.lines.g2', 'p.control'])
    expect(feed.state.generations.get('chunk/lines/g1')).toMatchObject({ state: 'dropped' })
    expect(await dropExpired(parts, 99 * day)).toEqual([])
  })

  it('stays when it is kept', async () => {
    const { bench, parts } = await replaced()
    await keepGeneration(parts, ref(1), true)
    expect(await dropExpired(parts, 99 * day)).toEqual([])
    expect(await bench.log.topics()).toHaveProperty('p.chunks.lines')
  })

  it('is deleted to the end when the warehouse is there again', async () => {
    const { bench, feed } = await replaced()
    let isAway = true
    const commands: string[] = []
    const warehouse = {
      id: 'w',
      async command(sql: string) {
        if (isAway) throw new Error('away')
        commands.push(sql)
      },
    } as unknown as OpenedWarehouse
    await feed.change(() => [
      generationEntry(
        { stage: 'rank', line: 'r', settings: {} },
        { generation: 1, state: 'stopped', created_at: 0, stopped_at: day },
      ),
    ])
    await bench.log.createTopics([{ topic: 'p.ranked.r', partitions: 1 }])
    const parts = { log: bench.log, feed, config, warehouse }
    await expect(dropExpired(parts, 8 * day)).rejects.toThrow('away')
    isAway = false
    await dropExpired(parts, 8 * day)
    expect(commands).toEqual(["ALTER TABLE ranked DROP PARTITION ('r', 1)"])
    expect(Object.keys(await bench.log.topics()).sort()).toEqual(['p.chunks.lines.g2', 'p.control'])
  })

  it('is deleted to the end after a crash between the record and the topic', async () => {
    const { bench, feed, parts } = await replaced()
    await feed.change((state) => {
      const body = { ...state.generations.get('chunk/lines/g1')!, state: 'dropped' }
      return [{ key: 'chunk/lines/g1', body }]
    })
    await dropExpired(parts, 0)
    expect(await bench.log.topics()).not.toHaveProperty('p.chunks.lines')
  })
})

describe('dropping', () => {
  it('refuses a live generation, one that a live one reads, and one that is not there', async () => {
    const { feed, parts } = await replaced()
    await feed.change(() => [
      generationEntry(
        { stage: 'translate', line: 'a', settings: {}, recipe: { chunking: 'lines' } },
        { generation: 1, state: 'live', created_at: 0, inputs: { 'chunk/lines': 1 } },
      ),
    ])
    await expect(dropGeneration(parts, ref(2))).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(/it is live$/),
    })
    await expect(dropGeneration(parts, ref(1))).rejects.toMatchObject({
      message: expect.stringMatching(/translate a is live and reads it$/),
    })
    await expect(dropGeneration(parts, ref(3))).rejects.toMatchObject({ code: 'not_found' })
  })

  it('takes building ones that read it along, with their rows, and lets a held live one go on', async () => {
    const { feed, commands, parts } = await replaced()
    const recipe = { chunking: 'lines' }
    const line = { stage: 'translate', line: 'a', settings: {}, recipe }
    await feed.change(() => [
      generationEntry(
        { stage: 'chunk', line: 'lines', settings: {} },
        { generation: 3, state: 'building', created_at: 0 },
      ),
      generationEntry(line, { generation: 1, state: 'live', held: true, created_at: 0, inputs: { 'chunk/lines': 2 } }),
      generationEntry(line, { generation: 2, state: 'building', created_at: 0, inputs: { 'chunk/lines': 3 } }),
    ])
    const dropped = await dropGeneration(parts, ref(3))
    expect(dropped.map(({ stage, generation }) => `${stage} ${generation}`)).toEqual(['chunk 3', 'translate 2'])
    expect(commands).toEqual([
      "ALTER TABLE chunks DROP PARTITION ('a', 2)",
      "ALTER TABLE calls DROP PARTITION ('a', 2)",
    ])
    expect(liveGeneration(feed.state, 'translate', 'a')).toMatchObject({ generation: 1, held: false })
  })
})

describe('a control record of an earlier version', () => {
  it('says neither recipe nor inputs: pipeline.yaml and first generations stand in', () => {
    const { body } = generationEntry(
      { stage: 'translate', line: 'a', settings: { fingerprint: 'f' } },
      { generation: 1, state: 'live', created_at: 0 },
    )
    expect(generationOf(body, config).inputs).toEqual([{ stage: 'chunk', line: 'lines', generation: 1 }])
  })
})
