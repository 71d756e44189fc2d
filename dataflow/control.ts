import type { Control } from '../schemas/records.ts'
import type { Codec } from './codec.ts'
import { KalamError } from './error.ts'
import type { Log } from './log.ts'
import { canonicalJson, settingsDifference, settingsHash } from './settings-hash.ts'

/** A line as pipeline.yaml has it now. */
export interface LineSettings {
  stage: string
  line: string
  /** Resolved settings that change results, without URLs, keys, slots, rates and budgets. */
  settings: Record<string, unknown>
}

/** The pipeline's mutable state: its identity and the generations of its lines. */
export interface ControlState {
  uuid: string
  partitions: number
  /** By `<stage>/<line>/g<generation>`. */
  generations: Map<string, Control>
}

const keyOf = (stage: string, line: string, generation: number): string => `${stage}/${line}/g${generation}`

/** Folds the control topic into its state; undefined when the pipeline is new. */
export const readControl = async (log: Log, codec: Codec, topic: string): Promise<ControlState | undefined> => {
  let state: ControlState | undefined
  if ((await log.topics())[topic] === undefined) return undefined
  for await (const records of log.scan(topic, 0, 0)) {
    await codec.prepare(records)
    for (const record of records) {
      if (record.value.length === 0) {
        state?.generations.delete(record.key)
        continue
      }
      const control = codec.decode('Control', record.value)
      if (control.kind === 'pipeline')
        state = { uuid: control.uuid, partitions: control.partitions, generations: new Map() }
      if (control.kind === 'generation') state?.generations.set(record.key, control)
    }
  }
  return state
}

/** Writes the pipeline record of a new pipeline. */
export const createPipeline = async (
  log: Log,
  codec: Codec,
  topic: string,
  uuid: string,
  partitions: number,
): Promise<ControlState> => {
  await writeControl(log, codec, topic, [
    { key: 'pipeline', body: { ...emptyControl, kind: 'pipeline', uuid, partitions } },
  ])
  return { uuid, partitions, generations: new Map() }
}

/**
 * Compares the lines of pipeline.yaml with what they were built with. Returns those that are new;
 * KalamError settings_changed names every line that was edited, how, and what to do.
 */
export const checkLines = (state: ControlState, lines: LineSettings[]): LineSettings[] => {
  const changed: string[] = []
  const fresh: LineSettings[] = []
  for (const line of lines) {
    const built = liveGeneration(state, line.stage, line.line)
    if (!built) fresh.push(line)
    else if (built.settings_hash !== settingsHash(line.settings)) {
      const [first = '', ...others] = settingsDifference(JSON.parse(built.settings), line.settings)
      changed.push(
        `${line.stage} ${line.line} was built with other settings: ${first}${others.length > 0 ? ` (and ${others.length} more)` : ''}`,
      )
    }
  }
  if (changed.length === 0) return fresh
  throw new KalamError('settings_changed', `comparing pipeline.yaml with what was built: ${changed.join('; ')}`, {
    hint: 'Put the setting back, or give the edited line a new name: it is then built beside the old one. kalam plan shows what would run.',
    details: { changed },
  })
}

/** The generation of a line that exports, reports and views read. */
export const liveGeneration = (state: ControlState, stage: string, line: string): Control | undefined =>
  [...state.generations.values()].find((g) => g.stage === stage && g.line === line && g.state === 'live')

/** Records first generations of new lines. */
export const addLines = async (
  log: Log,
  codec: Codec,
  topic: string,
  state: ControlState,
  lines: LineSettings[],
): Promise<void> => {
  const records = lines.map(({ stage, line, settings }) => ({
    key: keyOf(stage, line, 1),
    body: {
      ...emptyControl,
      kind: 'generation',
      stage,
      line,
      generation: 1,
      state: 'live',
      settings_hash: settingsHash(settings),
      settings: canonicalJson(settings),
    },
  }))
  await writeControl(log, codec, topic, records)
  for (const { key, body } of records) state.generations.set(key, body)
}

const emptyControl: Control = {
  kind: '',
  uuid: '',
  partitions: 0,
  stage: '',
  line: '',
  generation: 1,
  state: '',
  settings_hash: '',
  settings: '',
  inputs: {},
}

const writeControl = async (
  log: Log,
  codec: Codec,
  topic: string,
  records: { key: string; body: Control }[],
): Promise<void> => {
  if (records.length === 0) return
  const writer = await log.writer(topic)
  await writer.commit(
    records.map(({ key, body }) => ({
      topic,
      partition: 0,
      key,
      value: codec.encode('Control', body),
      headers: {},
      timestamp: Date.now(),
    })),
  )
  await writer.close()
}
