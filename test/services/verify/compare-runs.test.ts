import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { avroCodec } from '../../../dataflow/codec.ts'
import { createPipeline, generationEntry, writeControl } from '../../../dataflow/control.ts'
import { embeddedLog } from '../../../dataflow/embedded/embedded-log.ts'
import { localRegistry } from '../../../dataflow/embedded/local-registry.ts'
import type { OutputRecord } from '../../../dataflow/log.ts'
import { partitionOf } from '../../../dataflow/place.ts'
import type { Message, RecordName, Records, Translation } from '../../../schemas/records.ts'
import { pipelineSchema } from '../../../services/config.ts'
import { topicNames } from '../../../services/topics.ts'
import { type ComparedRun, compareRuns, isEqual, type TopicComparison } from '../../../services/verify/compare-runs.ts'
import { workFolder } from '../../system/kalam.ts'
import { everyKind, type Landing } from '../land/records.ts'

/** How a run is written. */
interface Shape {
  pipeline?: string
  partitions?: number
  /** Records of a commit. */
  batch?: number
  /** Conversations in the order they come in. */
  splits?: string[]
  rankings?: string[]
  /** Changes a record's body before it is written; undefined leaves it out. */
  change?<Name extends RecordName>(name: Name, body: Records[Name], id: string): Records[Name] | undefined
}

const titles = ['messages', 'chunks.all', 'translations.l', 'scored.l', 'ranked.r', 'dead_letters']

describe('compareRuns', () => {
  const folder = workFolder()
  const opened: ComparedRun[] = []
  let runs = 0
  afterEach(async () => {
    for (const { log } of opened.splice(0)) await log.close()
  })
  afterAll(() => folder.remove())

  /** A run of every kind of record, the undecodable ones too, as some embedded log would hold it. */
  const run = async (shape: Shape = {}): Promise<ComparedRun> => {
    const { pipeline = 'one', partitions = 2, batch = 7, splits = ['a', 'b', 'c'], rankings = ['r'] } = shape
    const config = pipelineSchema.parse({
      ...{ pipeline, partitions },
      sources: [{ name: 's', path: 'a.jsonl' }],
      chunkings: { all: { by: 'lines' } },
      translators: { l: { backend: 'pseudo', chunking: 'all' } },
      rankings: Object.fromEntries(rankings.map((name) => [name, { candidates: ['l'] }])),
    })
    const state = join(folder.path, `run-${runs++}`)
    const log = embeddedLog({ folder: join(state, 'log') })
    const codec = await avroCodec(localRegistry({ file: join(state, 'schemas.json') }))
    const names = topicNames(pipeline)
    const topics: Partial<Record<RecordName, string[]>> = {
      Message: [names.messages],
      Chunk: [names.chunks('all')],
      Translation: [names.translations('l')],
      Scored: [names.scored('l')],
      Ranked: rankings.map((name) => names.ranked(name)),
      DeadLetter: [names.deadLetters],
    }
    await log.createTopics([
      { topic: names.control, partitions: 1 },
      ...Object.values(topics).flatMap((all) => all.map((topic) => ({ topic, partitions }))),
    ])
    const control = await createPipeline(log, codec, names.control, 'uuid', partitions)
    const lines = [
      ...['chunk all', 'translate l', 'score l', ...rankings.map((name) => `rank ${name}`)],
      ...['translate gone', 'score gone'],
    ].map((line) => {
      const [stage = '', name = ''] = line.split(' ')
      return generationEntry({ stage, line: name, settings: {} }, { generation: 1, state: 'live', created_at: 1 })
    })
    await writeControl(log, codec, names.control, async () => lines)
    for (const { key, body } of lines) control.generations.set(key, body)
    const writer = await log.writer('test')
    const outputs = splits.flatMap((split) =>
      everyKind(split).flatMap(({ name, record }: Landing): OutputRecord[] => {
        const body = record.body && shape.change ? shape.change(name, record.body, record.id) : record.body
        if (record.body && !body) return []
        return topics[name]!.map((topic) => ({
          ...{ topic, partition: partitionOf(record.id, partitions), key: record.id },
          value: body ? codec.encode(name, body) : Buffer.from('\0\0\0\0\0broken'),
          headers: { ordinal: String(runs), index: String(record.index), count: String(record.count) },
          timestamp: runs,
        }))
      }),
    )
    for (let at = 0; at < outputs.length; at += batch) await writer.commit(outputs.slice(at, at + batch))
    await writer.close()
    const made = { log, codec, config, control }
    opened.push(made)
    return made
  }

  const compare = async (here: ComparedRun, there: ComparedRun): Promise<TopicComparison[]> => {
    const all: TopicComparison[] = []
    for await (const topic of compareRuns(here, there)) all.push(topic)
    return all
  }
  const unequal = (topics: TopicComparison[]) => topics.filter((topic) => !isEqual(topic))

  it('takes runs of other names, batches, orders, times and numbers of partitions for equal', async () => {
    const one = await run()
    for (const shape of [{ pipeline: 'two', batch: 1 }, { batch: 100, splits: ['c', 'a', 'b'] }, { partitions: 5 }]) {
      const topics = await compare(one, await run(shape))
      expect(topics.map(({ title }) => title)).toEqual(titles)
      expect(unequal(topics)).toEqual([])
      expect(topics.map(({ all }) => all)).toEqual([6, 0, 6, 6, 6, 6])
    }
  })

  it('takes no notice of what calls took and cost, and of answers it does', async () => {
    const translations = (edit: (attempt: Translation['attempts'][number]) => object) =>
      run({
        change: (name, body) =>
          name === 'Translation'
            ? { ...body, attempts: (body as Translation).attempts.map((one) => ({ ...one, ...edit(one) })) }
            : body,
      })
    const one = await run()
    const cheaper = { cost_usd: 0.1, latency_ms: 1, at_ms: 7, from_memory: true, prompt_tokens: 1, provider: 'other' }
    expect(unequal(await compare(one, await translations(() => cheaper)))).toEqual([])
    const found = unequal(await compare(one, await translations(() => ({ model: 'other' }))))
    expect(found).toMatchObject([{ title: 'translations.l', changed: 6, all: 6 }])
    expect(found[0]?.differences).toHaveLength(5)
  })

  it.each([2, 5])(
    'finds one changed record, its conversation and its field, with %i partitions there',
    async (partitions) => {
      const there = await run({
        partitions,
        change: (name, body, id) =>
          name === 'Message' && id === 's/b/1' && (body as Message).content.startsWith('second')
            ? { ...body, content: `${'x'.repeat(90)}y${'z'.repeat(90)}` }
            : body,
      })
      const here = await run({
        change: (name, body, id) =>
          name === 'Message' && id === 's/b/1' && (body as Message).content.startsWith('second')
            ? { ...body, content: 'x'.repeat(200) }
            : body,
      })
      const field = 'records[1].content'
      const shown = { here: `…${'x'.repeat(60)}…`, there: `…${'x'.repeat(20)}y${'z'.repeat(39)}…` }
      expect(unequal(await compare(here, there))).toEqual([
        {
          ...{ title: 'messages', all: 6, changed: 1, onlyHere: 0, onlyThere: 0 },
          differences: [{ id: 's/b/1', difference: { field, ...shown } }],
        },
      ])
    },
  )

  it('finds what one run lacks, and a row that became another dead letter', async () => {
    const there = await run({
      splits: ['a', 'b', 'd'],
      change: (name, body, id) => (name === 'DeadLetter' && id === 's/a/0' ? { ...body, reason: 'too_large' } : body),
    })
    const topics = await compare(await run(), there)
    const counts = { all: 8, changed: 0, onlyHere: 2, onlyThere: 2 }
    expect(topics.filter(({ title }) => title === 'messages' || title === 'dead_letters')).toMatchObject([
      counts,
      { ...counts, changed: 1 },
    ])
    expect(topics[0]?.differences.map(({ only }) => only)).toContain('here')
    const differences = topics.at(-1)!.differences
    expect(differences).toContainEqual({
      id: 's/a/0',
      difference: { field: 'records[0].reason', here: '"invalid_json"', there: '"too_large"' },
    })
  })

  it('counts records that stand twice', async () => {
    const once = await run()
    const twice = await run()
    const writer = await twice.log.writer('again')
    for await (const records of twice.log.scan('one.dead_letters', 0, 0))
      await writer.commit(records.slice(0, 2).map((one) => ({ ...one, topic: 'one.dead_letters', partition: 0 })))
    await writer.close()
    const [found] = unequal(await compare(once, twice))
    expect(found).toMatchObject({ title: 'dead_letters', onlyHere: 0, onlyThere: 0 })
    expect(found?.differences[0]?.difference).toEqual({ field: 'records.length', here: '1', there: '2' })
  })

  it('tells a line that only one run has, and passes over one that is in neither pipeline.yaml', async () => {
    const one = await run()
    const two = await run({ rankings: ['r', 'other'] })
    expect(unequal(await compare(one, two))).toMatchObject([{ title: 'ranked.other', missing: 'here' }])
    expect(unequal(await compare(two, one))).toMatchObject([{ title: 'ranked.other', missing: 'there' }])
  })
})
