import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { avroCodec, type Codec } from '../../../dataflow/codec.ts'
import { type ControlState, generationEntry } from '../../../dataflow/control.ts'
import { embeddedLog } from '../../../dataflow/embedded/embedded-log.ts'
import { localRegistry } from '../../../dataflow/embedded/local-registry.ts'
import type { Log } from '../../../dataflow/log.ts'
import { sink } from '../../../dataflow/operators/sink.ts'
import { type PipelineConfig, pipelineSchema } from '../../../services/config.ts'
import type { StageLine } from '../../../services/flow.ts'
import { landing } from '../../../services/land/landing.ts'
import { rowText } from '../../../services/land/row-text.ts'
import type { Warehouse } from '../../../services/land/warehouse.ts'
import { topicNames } from '../../../services/topics.ts'
import { verifyTables } from '../../../services/verify/verify-tables.ts'
import { workFolder } from '../../system/kalam.ts'
import { openChdb } from './chdb.ts'
import { everyKind, type Landing } from './records.ts'

const config: PipelineConfig = pipelineSchema.parse({
  pipeline: 'v',
  partitions: 1,
  sources: [{ name: 's', path: 'a.jsonl' }],
  chunkings: { lines: { by: 'lines' } },
  translators: { l: { backend: 'pseudo', chunking: 'lines' } },
  rankings: { r: { candidates: ['l'] } },
})
const topics = topicNames('v')
const generations = (['translate l', 'score l', 'rank r'] as const).map((name) => {
  const [stage = '', line = ''] = name.split(' ')
  return generationEntry({ stage, line, settings: {} }, { generation: 1, state: 'live', created_at: 0 })
})
const control: ControlState = {
  ...{ uuid: '', partitions: 1, pauses: new Map() },
  generations: new Map(generations.map(({ key, body }) => [key, body])),
}
const landed = [
  { topic: topics.messages, name: 'Message', line: 'messages' },
  { topic: topics.translations('l'), name: 'Translation', line: 'l' },
  { topic: topics.scored('l'), name: 'Scored', line: 'l' },
  { topic: topics.ranked('r'), name: 'Ranked', line: 'r' },
  { topic: topics.deadLetters, name: 'DeadLetter', line: 'dead_letters' },
] as const

describe('verifyTables', () => {
  const folder = workFolder()
  let chdb: Awaited<ReturnType<typeof openChdb>>
  let log: Log
  let codec: Codec
  let stages: StageLine[]

  beforeAll(async () => {
    chdb = await openChdb()
    log = embeddedLog({ folder: join(folder.path, 'log') })
    codec = await avroCodec(localRegistry({ file: join(folder.path, 'schemas.json') }))
    await log.createTopics(landed.map(({ topic }) => ({ topic, partitions: 1 })))
    await chdb.warehouse.insert(
      'live_generations',
      rowText([
        { stage: 'translate', line: 'l', generation: 1, offset: 1 },
        { stage: 'score', line: 'l', generation: 1, offset: 1 },
        { stage: 'rank', line: 'r', generation: 1, offset: 1 },
      ]),
    )
    stages = landed.map(({ topic, name, line }) => ({
      stage: 'land',
      line,
      generation: 1,
      state: 'live',
      group: `v.land.${line}.${name}`,
      inputs: [topic],
      unit: 'records',
      work: (task) =>
        sink(
          { task, codec, foreign: () => undefined },
          {
            input: { topic, name },
            ...landing(chdb.warehouse, name, { line, generation: 1, partition: 0 }, task.signal),
          },
        ),
    }))
    await write(everyKind('first'))
    // A record that nobody can place is in the topic, but never lands.
    const writer = await log.writer('stranger')
    await writer.commit(
      landed.map(({ topic }) => ({ topic, partition: 0, key: '', value: Buffer.from('?'), headers: {}, timestamp: 1 })),
    )
    await writer.close()
  })
  afterAll(async () => {
    await log.close()
    await chdb.close()
    folder.remove()
  })

  const write = async (records: Landing[]): Promise<void> => {
    const writer = await log.writer('test')
    await writer.commit(
      records.map(({ name, record: { id, ordinal, index, count, timestamp, body } }) => ({
        topic: landed.find((one) => one.name === name)!.topic,
        partition: 0,
        key: id,
        value: body ? codec.encode(name, body) : Buffer.from('broken'),
        headers: { ordinal: String(ordinal), index: String(index), count: String(count) },
        timestamp,
      })),
    )
    await writer.close()
  }

  /** Runs the landing lines until all is committed, or until one of them throws. */
  const runLanding = async (lines = stages): Promise<unknown> => {
    const members = await Promise.all(lines.map(({ group, inputs, work }) => log.join({ group, inputs, work })))
    let failure: unknown
    for (const member of members)
      member.done.catch((thrown) => {
        failure ??= thrown
      })
    for (let waiting = true; waiting && failure === undefined; ) {
      waiting = false
      for (const { group, inputs } of lines) {
        const [end = 0] = await log.ends(inputs[0]!)
        const [position = 0] = await log.committed(group, inputs[0]!)
        if (position < end) waiting = true
      }
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    await Promise.all(members.map((member) => member.stop()))
    return failure
  }

  const check = (warehouse: Warehouse = chdb.warehouse) =>
    verifyTables({ log, codec, config, control, stages, warehouse })

  it('holds before anything has landed: nothing is committed', async () => {
    expect(await check()).toMatchObject({ looked: 10, broken: [] })
  })

  it('holds after crashes between writing and committing, undecodable and foreign records included', async () => {
    const dying = stages.map((stage): StageLine => {
      const { name, topic } = landed.find((one) => one.topic === stage.inputs[0])!
      return {
        ...stage,
        work: (task) => {
          const origin = { line: stage.line, generation: 1, partition: 0 }
          const { prepare, write } = landing(chdb.warehouse, name, origin, task.signal)
          return sink(
            { task, codec, foreign: () => undefined },
            {
              input: { topic, name },
              prepare,
              write: async () => {
                await write()
                throw new Error('the process died here')
              },
            },
          )
        },
      }
    })
    for (let i = 0; i < 2; i++) expect(await runLanding(dying)).toMatchObject({ message: 'the process died here' })
    expect(await log.committed(stages[0]!.group, topics.messages)).toEqual([undefined])
    expect(await runLanding()).toBeUndefined()
    expect(await check()).toMatchObject({ looked: 10, broken: [] })
    expect(await chdb.warehouse.query('SELECT count() AS chunks FROM v_chunks')).toEqual([{ chunks: 8 }])
  })

  it('holds while records wait to be landed', async () => {
    await write(everyKind('second'))
    expect(await check()).toMatchObject({ broken: [] })
    expect(await runLanding()).toBeUndefined()
    expect(await check()).toMatchObject({ broken: [] })
  })

  it('finds a row too few, a row too many, and a text that is not the one', async () => {
    const messages = "WHERE source = 's' AND split = 'first' AND row = '0' AND message_index = 0"
    const changed = async (statement: string): Promise<string[]> => {
      await chdb.warehouse.command(`${statement} SETTINGS mutations_sync = 1`)
      return (await check()).broken
    }
    expect(await changed("ALTER TABLE flags DELETE WHERE split = 'first' AND row = '1' AND flag_index = 1")).toEqual([
      'v.scored.l: 16 rows for v_flags, it has 14',
    ])
    expect(await changed(`ALTER TABLE messages UPDATE content = 'other' ${messages}`)).toEqual([
      expect.stringMatching(/^v\.messages: \d+ bytes for v_messages, it has \d+$/),
      'v.scored.l: 16 rows for v_flags, it has 14',
    ])
    await chdb.warehouse.insert(
      'ranked',
      rowText([{ line: 'r', generation: 1, source: 's', split: 'x', row: '7', offset: 99 }]),
    )
    expect((await check()).broken).toContain('v.ranked.r: 4 rows for v_ranked, it has 5')
  })
})
