import type { Control } from '../schemas/records.ts'
import type { Codec } from './codec.ts'
import { KalamError, messageOf } from './error.ts'
import type { Log, LogRecord } from './log.ts'
import { canonicalJson, settingsHash } from './settings-hash.ts'

/** A line as pipeline.yaml has it now. */
export interface LineSettings {
  stage: string
  line: string
  /** Resolved settings that change results, without URLs, keys, slots, rates and budgets. */
  settings: Record<string, unknown>
  /** What its work takes besides, which the settings have only as a fingerprint. */
  recipe?: Record<string, unknown>
  /** The lines it reads, as `<stage>/<line>`. */
  reads?: string[]
}

/** The pipeline's mutable state: its identity, the generations of its lines, and which lines pause. */
export interface ControlState {
  uuid: string
  partitions: number
  /** By `<stage>/<line>/g<generation>`. */
  generations: Map<string, Control>
  /** By `pause/<stage>/<line>`. */
  pauses: Map<string, Control>
}

/** A record of the control topic. */
export interface ControlEntry {
  key: string
  body: Control
}

/** Key of a generation's record. */
export const generationKey = ({ stage, line, generation }: Pick<Control, 'stage' | 'line' | 'generation'>): string =>
  `${stage}/${line}/g${generation}`

/** Whether a record of the control topic says something; others are not from here. */
const isControlKey = (key: string): boolean => key === 'pipeline' || key.startsWith('pause/') || /\/g\d+$/.test(key)

/**
 * Folds the control topic into its state; undefined when the pipeline is new. Records of other programs are passed over; KalamError
 * log_broken where one of its own cannot be read: what it says is not known then.
 */
export const readControl = async (log: Log, codec: Codec, topic: string): Promise<ControlState | undefined> => {
  let state: ControlState | undefined
  if ((await log.topics())[topic] === undefined) return undefined
  for await (const records of log.scan(topic, 0, 0)) {
    await codec.prepare(records)
    for (const record of records) {
      if (!isControlKey(record.key)) continue
      if (record.value.length === 0) {
        state?.generations.delete(record.key)
        state?.pauses.delete(record.key)
        continue
      }
      const control = decodedOf(codec, topic, record)
      if (control.kind === 'pipeline')
        state = { uuid: control.uuid, partitions: control.partitions, generations: new Map(), pauses: new Map() }
      if (control.kind === 'generation') state?.generations.set(record.key, control)
      if (control.kind === 'pause') state?.pauses.set(record.key, control)
    }
  }
  return state
}

const decodedOf = (codec: Codec, topic: string, { key, offset, value }: LogRecord): Control => {
  try {
    return codec.decode('Control', value)
  } catch (thrown) {
    throw new KalamError('log_broken', `reading ${topic}: ${key} at offset ${offset}: ${messageOf(thrown)}`, {
      hint: 'Was it written by a newer kalam? That one reads it. If another program wrote it, write the record before it again.',
      cause: thrown,
    })
  }
}

/** Writes the pipeline record of a new pipeline. */
export const createPipeline = async (
  log: Log,
  codec: Codec,
  topic: string,
  uuid: string,
  partitions: number,
): Promise<ControlState> => {
  await writeControl(log, codec, topic, async () => [
    { key: 'pipeline', body: { ...emptyControl, kind: 'pipeline', uuid, partitions } },
  ])
  return { uuid, partitions, generations: new Map(), pauses: new Map() }
}

/** The lines that have no generation yet. */
export const newLines = (state: ControlState, lines: readonly LineSettings[]): LineSettings[] =>
  lines.filter(({ stage, line }) => generationsOf(state, stage, line).length === 0)

/** All generations of a line, the oldest first. */
export const generationsOf = (state: ControlState, stage: string, line: string): Control[] =>
  [...state.generations.values()]
    .filter((one) => one.stage === stage && one.line === line)
    .sort((a, b) => a.generation - b.generation)

/** The generation of a line that exports, reports and views read. */
export const liveGeneration = (state: ControlState, stage: string, line: string): Control | undefined =>
  generationsOf(state, stage, line).findLast((one) => one.state === 'live')

/** The record of a line's generation; `inputs` has the generations it reads that are not the first. */
export const generationEntry = (
  { stage, line, settings, recipe }: LineSettings,
  body: Partial<Control> & Pick<Control, 'generation' | 'state' | 'created_at'>,
): ControlEntry => ({
  key: generationKey({ stage, line, generation: body.generation }),
  body: {
    ...emptyControl,
    kind: 'generation',
    stage,
    line,
    settings_hash: settingsHash(settings),
    settings: canonicalJson(settings),
    recipe: recipe === undefined ? '' : canonicalJson(recipe),
    ...body,
  },
})

/** The record that makes a line pause, or go on. */
export const pauseEntry = (stage: string, line: string, state: 'waiting' | 'skipping' | 'resumed'): ControlEntry => ({
  key: `pause/${stage}/${line}`,
  body: { ...emptyControl, kind: 'pause', stage, line, state },
})

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
  recipe: '',
  purpose: '',
  only_splits: [],
  row_limit: 0,
  ordinals_below: [],
  held: false,
  kept: false,
  created_at: 0,
  promoted_at: 0,
  stopped_at: 0,
}

/**
 * Writes records in one transaction. They are made after the writer is opened, which fences all others: what they are made
 * from stays true until they are written, or the write fails.
 */
export const writeControl = async (
  log: Log,
  codec: Codec,
  topic: string,
  make: () => Promise<ControlEntry[]>,
): Promise<void> => {
  const writer = await log.writer(topic)
  try {
    const entries = await make()
    if (entries.length === 0) return
    await writer.commit(
      entries.map(({ key, body }) => ({
        topic,
        partition: 0,
        key,
        value: codec.encode('Control', body),
        headers: {},
        timestamp: Date.now(),
      })),
    )
  } finally {
    await writer.close()
  }
}
