import { describe, expect, it } from 'vitest'
import {
  type ControlState,
  createPipeline,
  generationEntry,
  type LineSettings,
  liveGeneration,
  newLines,
  readControl,
  writeControl,
} from '../../dataflow/control.ts'
import { settingsHash } from '../../dataflow/settings-hash.ts'
import { type StageBench, stageBench } from './operators/stage-bench.ts'

const topic = 'p.control'
const lines: LineSettings[] = [
  { stage: 'chunk', line: 'lines25', settings: { by: 'lines', count: 25, limit: 4000 } },
  { stage: 'translate', line: 'gemma3', settings: { model: 'gemma', sampling: { temperature: 0.7 } } },
]

/** A pipeline with the lines above. */
const built = async (): Promise<{ bench: StageBench; state: ControlState }> => {
  const bench = await stageBench(topic)
  const state = await createPipeline(bench.log, bench.codec, topic, 'a-uuid', 24)
  const entries = lines.map((line) => generationEntry(line, { generation: 1, state: 'live', created_at: 1 }))
  await writeControl(bench.log, bench.codec, topic, async () => entries)
  for (const { key, body } of entries) state.generations.set(key, body)
  return { bench, state }
}

describe('the control topic', () => {
  it('tells what the pipeline is and what its lines were built with', async () => {
    const { bench, state } = await built()
    await bench.reopen()
    const read = await readControl(bench.log, bench.codec, topic)
    expect(read).toEqual(state)
    expect(read).toMatchObject({ uuid: 'a-uuid', partitions: 24 })
    expect([...read!.generations.keys()]).toEqual(['chunk/lines25/g1', 'translate/gemma3/g1'])
    const generation = liveGeneration(read!, 'chunk', 'lines25')
    expect(generation).toMatchObject({ state: 'live', generation: 1, settings_hash: settingsHash(lines[0]!.settings) })
    expect(JSON.parse(generation!.settings)).toEqual(lines[0]!.settings)
    expect(liveGeneration(read!, 'translate', 'lines25')).toBeUndefined()
  })

  it('is undefined for a new pipeline, with and without its topic', async () => {
    const bench = await stageBench(topic)
    expect(await readControl(bench.log, bench.codec, topic)).toBeUndefined()
    expect(await readControl(bench.log, bench.codec, 'missing')).toBeUndefined()
  })

  it('forgets a generation at its tombstone and takes the last record of each', async () => {
    const { bench, state } = await built()
    const write = (key: string, value: Uint8Array) =>
      bench.append({ topic, partition: 0, key, value, headers: {}, timestamp: 0 })
    const stopped = { ...liveGeneration(state, 'chunk', 'lines25')!, state: 'stopped' }
    await write('chunk/lines25/g1', bench.codec.encode('Control', stopped))
    await write('translate/gemma3/g1', new Uint8Array())
    const read = await readControl(bench.log, bench.codec, topic)
    expect([...read!.generations]).toEqual([['chunk/lines25/g1', stopped]])
    expect(liveGeneration(read!, 'chunk', 'lines25')).toBeUndefined()
  })

  it('passes over what another program wrote there, and stops at a record of its own that it cannot read', async () => {
    const { bench, state } = await built()
    const write = (key: string) =>
      bench.append({ topic, partition: 0, key, value: Buffer.from('noise'), headers: {}, timestamp: 0 })
    for (const key of ['noise', '', 'chunk/lines25']) await write(key)
    expect(await readControl(bench.log, bench.codec, topic)).toEqual(state)
    await write('chunk/lines25/g1')
    await expect(readControl(bench.log, bench.codec, topic)).rejects.toMatchObject({
      code: 'log_broken',
      message: expect.stringMatching(/p\.control: chunk\/lines25\/g1 at offset \d+: decoding a Control/),
    })
  })
})

describe('newLines', () => {
  it('gives the lines that were never built, whatever their settings; removed ones are no matter', async () => {
    const { state } = await built()
    const fresh = { ...lines[0]!, line: 'lines40' }
    expect(newLines(state, [lines[1]!, fresh])).toEqual([fresh])
    expect(newLines(state, [{ ...lines[0]!, stage: 'score' }])).toHaveLength(1)
    expect(newLines(state, [{ ...lines[0]!, settings: {} }])).toEqual([])
  })
})
