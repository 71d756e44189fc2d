import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { avroCodec, type Codec } from '../dataflow/codec.ts'
import { addLines, type ControlState, checkLines, createPipeline, readControl } from '../dataflow/control.ts'
import { KalamError } from '../dataflow/error.ts'
import type { Log } from '../dataflow/log.ts'
import type { PipelineConfig } from '../services/config.ts'
import type { StageLine } from '../services/flow.ts'
import { foreignRecords } from '../services/foreign-records.ts'
import { openWarehouse } from '../services/land/open-warehouse.ts'
import { noWarehouse, type OpenedWarehouse } from '../services/land/warehouse.ts'
import { lineSettings, refuseEdited } from '../services/line-settings.ts'
import { loadPipeline } from '../services/load-config.ts'
import { noObservers, type Observers } from '../services/observe/observers.ts'
import { pipelineStages } from '../services/pipeline.ts'
import { pipelineTopics } from '../services/pipeline-topics.ts'
import { type TopicNames, topicNames } from '../services/topics.ts'
import { lmdbMemory } from '../services/translate/lmdb-memory.ts'
import type { Memory } from '../services/translate/memory.ts'
import {
  openTranslators,
  type TranslatorEnvironment,
  type TranslatorLine,
} from '../services/translate/open-translator.ts'
import { silenceLmdb } from './lmdb-noise.ts'
import { openLog } from './open-log.ts'

/** A pipeline, opened without its warehouse. */
export interface OpenedPipeline {
  config: PipelineConfig
  /** Folder of pipeline.yaml. */
  base: string
  stateFolder: string
  outFolder: string
  log: Log
  codec: Codec
  control: ControlState
  topics: TopicNames
  memory: Memory
  translators: TranslatorLine[]
  /** Told what is closed with the pipeline, the last first. */
  onClose(closer: () => Promise<void>): void
  close(): Promise<void>
}

/** Everything a command works with, opened. */
export interface Workspace extends OpenedPipeline {
  warehouse: OpenedWarehouse
  stages: StageLine[]
  /** Whether a run works on it: then it is that run's own. */
  isRunning: boolean
}

/** The folders of a pipeline, without opening anything. */
export const workspaceFolders = (base: string, config: PipelineConfig): { stateFolder: string; outFolder: string } => ({
  stateFolder: resolve(base, config.state),
  outFolder: resolve(base, config.out),
})

/** How a workspace is opened. */
export interface WorkspaceEnvironment {
  env: NodeJS.ProcessEnv
  /** A run's own: new lines get their control records, and on the embedded log their topics. */
  create: boolean
  /** Whether topics and schemas of a cluster are made too. */
  createTopics?: boolean
  /** Whether to wait for a cluster that is away as long as it takes. */
  waits?: boolean
  /** Whether the warehouse is needed; without it every use of it is an error. */
  warehouse?: boolean
  onWait?: TranslatorEnvironment['onWait']
  observers?: Observers
}

/** Opens a pipeline's state with its warehouse; errors as with openPipeline. */
export const openWorkspace = async (file: string, environment: WorkspaceEnvironment): Promise<Workspace> => {
  const pipeline = await openPipeline(file, environment)
  try {
    const { config, stateFolder, codec, topics, control, translators } = pipeline
    const { observers = noObservers, warehouse: isNeeded = true, env, create } = environment
    const opened = isNeeded ? await openWarehouse(config, join(stateFolder, 'warehouse'), env) : noWarehouse
    const warehouse = observers.warehouse(opened)
    pipeline.onClose(() => warehouse.close())
    const foreign = foreignRecords({ codec, deadLetters: topics.deadLetters, uuid: control.uuid })
    const stages = pipelineStages({ config, codec, translators, warehouse, foreign })
    return { ...pipeline, warehouse, stages, isRunning: create }
  } catch (thrown) {
    await pipeline.close()
    throw thrown
  }
}

/**
 * Opens a pipeline's state. Without `create` a pipeline that never ran is KalamError not_found; on a cluster, topics that
 * are not there are KalamError topics_missing. KalamError settings_changed, state_in_use, state_of_other_pipeline as they apply.
 */
export const openPipeline = async (file: string, environment: WorkspaceEnvironment): Promise<OpenedPipeline> => {
  const { env, create, waits = false, observers = noObservers } = environment
  const { config, base } = await loadPipeline(file, env)
  const { stateFolder, outFolder } = workspaceFolders(base, config)
  const isEmbedded = config.log === 'embedded'
  if (isEmbedded && !create && !existsSync(join(stateFolder, 'log'))) {
    throw new KalamError('not_found', `opening ${stateFolder}: this pipeline has not run yet`, {
      hint: `kalam run ${file}`,
    })
  }
  claimForPipeline(stateFolder, config.pipeline)
  silenceLmdb()
  const closers: (() => Promise<void>)[] = []
  const close = async () => {
    for (const closer of closers.reverse()) await closer()
    closers.length = 0
  }
  try {
    const createTopics = environment.createTopics ?? isEmbedded
    const { onEvent } = observers
    const opened = await openLog(config, { stateFolder, env, mayRegister: createTopics, waits, onEvent })
    const log = observers.log(opened.log)
    closers.push(() => log.close())
    const codec = await avroCodec(opened.registry)
    const memory = lmdbMemory({ folder: join(stateFolder, 'memory') })
    closers.push(() => memory.close())
    const translators = openTranslators(config, {
      ...{ base, env, memory, now: Date.now },
      onWait: environment.onWait ?? observers.onWait,
      wrapBackend: observers.backend,
    })
    closers.push(async () => {
      for (const { translator } of translators) await translator.close?.()
    })
    const topics = topicNames(config.pipeline)
    const control = await openControl({ log, codec, config, topics, translators, create, createTopics })
    const onClose = (closer: () => Promise<void>) => closers.push(closer)
    return { config, base, stateFolder, outFolder, log, codec, control, topics, memory, translators, onClose, close }
  } catch (thrown) {
    await close()
    throw thrown
  }
}

const openControl = async (parts: {
  log: Log
  codec: Codec
  config: PipelineConfig
  topics: TopicNames
  translators: TranslatorLine[]
  create: boolean
  createTopics: boolean
}): Promise<ControlState> => {
  const { log, codec, config, topics, translators, create, createTopics } = parts
  const lines = lineSettings(config, translators)
  if (!createTopics)
    await refuseMissing(log, [topics.control, ...pipelineTopics(config, translators).map(({ topic }) => topic)])
  else await log.createTopics([{ topic: topics.control, partitions: 1, compacted: true }])
  const known = await readControl(log, codec, topics.control)
  if (known && known.partitions !== config.partitions) {
    throw new KalamError(
      'settings_changed',
      `opening pipeline ${config.pipeline}: it has ${known.partitions} partitions, pipeline.yaml says ${config.partitions}`,
      {
        hint: `Partitions are fixed for the life of a pipeline: set partitions: ${known.partitions}, or use another state folder.`,
      },
    )
  }
  const control = known ?? (await createPipeline(log, codec, topics.control, randomUUID(), config.partitions))
  refuseEdited(control, lines)
  const fresh = checkLines(control, lines)
  if (createTopics) await log.createTopics(pipelineTopics(config, translators))
  if (create) await addLines(log, codec, topics.control, control, fresh)
  return control
}

const refuseMissing = async (log: Log, topics: string[]): Promise<void> => {
  const there = await log.topics()
  const missing = topics.filter((topic) => there[topic] === undefined)
  if (missing.length === 0) return
  const others = missing.length > 1 ? ` (and ${missing.length - 1} more)` : ''
  throw new KalamError('topics_missing', `opening the pipeline: there is no topic ${missing[0]}${others}`, {
    hint: 'kalam topics create makes the topics and registers the schemas; run it once, and after each new line.',
    details: { missing },
  })
}

/** Marks the state folder with its pipeline's name; another pipeline's folder is refused. */
const claimForPipeline = (folder: string, pipeline: string): void => {
  const mark = join(folder, 'pipeline')
  if (!existsSync(mark)) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(mark, pipeline)
    return
  }
  const owner = readFileSync(mark, 'utf8')
  if (owner === pipeline) return
  throw new KalamError(
    'state_of_other_pipeline',
    `opening ${folder}: it belongs to pipeline ${owner}, not ${pipeline}`,
    {
      hint: 'Set another state: folder in pipeline.yaml, or put the old name back.',
    },
  )
}
