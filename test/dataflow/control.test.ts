import { describe, expect, it } from 'vitest'
import {
  addLines,
  type ControlState,
  checkLines,
  createPipeline,
  type LineSettings,
  liveGeneration,
  readControl,
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
  await addLines(bench.log, bench.codec, topic, state, lines)
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
})

describe('checkLines', () => {
  const withSettings = (line: number, settings: Record<string, unknown>): LineSettings[] =>
    lines.map((each, i) => (i === line ? { ...each, settings: { ...each.settings, ...settings } } : each))

  it('finds nothing new in the same lines, in whatever order their settings stand', async () => {
    const { state } = await built()
    const turned = lines.map((line) => ({
      ...line,
      settings: Object.fromEntries(Object.entries(line.settings).reverse()),
    }))
    expect(checkLines(state, turned)).toEqual([])
  })

  it('gives the lines that are new; removed ones are no matter', async () => {
    const { state } = await built()
    const fresh = { ...lines[0]!, line: 'lines40' }
    expect(checkLines(state, [lines[1]!, fresh])).toEqual([fresh])
    expect(checkLines(state, [{ ...lines[0]!, stage: 'score' }])).toHaveLength(1)
  })

  it('names line, setting, old and new value of what was edited, and what to do', async () => {
    const { state } = await built()
    expect(() => checkLines(state, withSettings(0, { count: 40 }))).toThrow(
      expect.objectContaining({
        code: 'settings_changed',
        message:
          'comparing pipeline.yaml with what was built: chunk lines25 was built with other settings: count: 25 became 40',
        hint: expect.stringMatching(/Put the setting back.*new name.*kalam plan/),
      }),
    )
  })

  it('names every edited line, and how many settings more than one it is', async () => {
    const { state } = await built()
    const edited = [withSettings(0, { count: 40, limit: 1 })[0]!, withSettings(1, { sampling: { temperature: 1 } })[1]!]
    expect(() => checkLines(state, edited)).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(
          /lines25 .*count: 25 became 40 \(and 1 more\); translate gemma3 .*sampling\.temperature: 0\.7 became 1$/,
        ),
        details: { changed: [expect.stringContaining('lines25'), expect.stringContaining('gemma3')] },
      }),
    )
  })
})
