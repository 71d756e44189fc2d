import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { avroCodec, type Codec } from '../dataflow/codec.ts'
import { addLines, type ControlState, checkLines, createPipeline, readControl } from '../dataflow/control.ts'
import { embeddedLog } from '../dataflow/embedded/embedded-log.ts'
import { localRegistry } from '../dataflow/embedded/local-registry.ts'
import { KalamError } from '../dataflow/error.ts'
import type { Log } from '../dataflow/log.ts'
import type { PipelineConfig } from '../services/config.ts'
import type { StageLine } from '../services/flow.ts'
import { foreignRecords } from '../services/foreign-records.ts'
import { openWarehouse } from '../services/land/open-warehouse.ts'
import type { OpenedWarehouse } from '../services/land/warehouse.ts'
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

/** Everything a command works with, opened. */
export interface Workspace {
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
  warehouse: OpenedWarehouse
  stages: StageLine[]
  /** Whether a run works on it: then it is that run's own. */
  isRunning: boolean
  close(): Promise<void>
}

/** The folders of a pipeline, without opening anything. */
export const workspaceFolders = (base: string, config: PipelineConfig): { stateFolder: string; outFolder: string } => ({
  stateFolder: resolve(base, config.state),
  outFolder: resolve(base, config.out),
})

/**
 * Opens a pipeline's state. With `create` new lines get their topics and control records; without it a pipeline that
 * never ran is KalamError not_found. KalamError settings_changed, state_in_use, state_of_other_pipeline as they apply.
 */
export const openWorkspace = async (
  file: string,
  environment: {
    env: NodeJS.ProcessEnv
    create: boolean
    onWait?: TranslatorEnvironment['onWait']
    observers?: Observers
  },
): Promise<Workspace> => {
  const { observers = noObservers } = environment
  const { config, base } = await loadPipeline(file, environment.env)
  const { stateFolder, outFolder } = workspaceFolders(base, config)
  if (!environment.create && !existsSync(join(stateFolder, 'log'))) {
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
    const log = observers.log(embeddedLog({ folder: join(stateFolder, 'log') }))
    closers.push(() => log.close())
    const codec = await avroCodec(localRegistry({ file: join(stateFolder, 'schemas.json') }))
    const memory = lmdbMemory({ folder: join(stateFolder, 'memory') })
    closers.push(() => memory.close())
    const translators = openTranslators(config, {
      base,
      env: environment.env,
      memory,
      now: Date.now,
      onWait: environment.onWait ?? observers.onWait,
      wrapBackend: observers.backend,
    })
    closers.push(async () => {
      for (const { translator } of translators) await translator.close?.()
    })
    const topics = topicNames(config.pipeline)
    const control = await openControl({ log, codec, config, topics, translators, create: environment.create })
    const warehouse = observers.warehouse(await openWarehouse(config, join(stateFolder, 'warehouse'), environment.env))
    closers.push(() => warehouse.close())
    const foreign = foreignRecords({ log, codec, deadLetters: topics.deadLetters, uuid: control.uuid })
    const stages = pipelineStages({ config, codec, translators, warehouse, foreign })
    return {
      config,
      base,
      stateFolder,
      outFolder,
      log,
      codec,
      control,
      topics,
      memory,
      translators,
      warehouse,
      stages,
      isRunning: environment.create,
      close,
    }
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
}): Promise<ControlState> => {
  const { log, codec, config, topics, translators, create } = parts
  const lines = lineSettings(config, translators)
  await log.createTopics([{ topic: topics.control, partitions: 1, compacted: true }])
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
  await log.createTopics(pipelineTopics(config, translators))
  if (create) await addLines(log, codec, topics.control, control, fresh)
  return control
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
