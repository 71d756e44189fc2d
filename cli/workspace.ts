import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { avroCodec, type Codec } from '../dataflow/codec.ts'
import { type ControlState, createPipeline, readControl } from '../dataflow/control.ts'
import { type ControlFeed, controlFeed } from '../dataflow/control-feed.ts'
import { embeddedLog } from '../dataflow/embedded/embedded-log.ts'
import { localRegistry } from '../dataflow/embedded/local-registry.ts'
import { KalamError } from '../dataflow/error.ts'
import type { Log } from '../dataflow/log.ts'
import type { PipelineConfig } from '../services/config.ts'
import type { Flow, StageLine } from '../services/flow.ts'
import { foreignRecords } from '../services/foreign-records.ts'
import { openWarehouse } from '../services/land/open-warehouse.ts'
import type { OpenedWarehouse } from '../services/land/warehouse.ts'
import { lineSettings, refuseEdited } from '../services/line-settings.ts'
import { loadPipeline } from '../services/load-config.ts'
import { firstGenerations, generationTopics, type MakeLines, sourceTopics } from '../services/plan-generations.ts'
import { type NotRun, type StageLines, stageLines } from '../services/stage-lines.ts'
import { type TopicNames, topicNames } from '../services/topics.ts'
import { lmdbMemory } from '../services/translate/lmdb-memory.ts'
import type { Memory } from '../services/translate/memory.ts'
import {
  type TranslatorEnvironment,
  type TranslatorOpener,
  translatorOpener,
} from '../services/translate/open-translator.ts'
import { silenceLmdb } from './lmdb-noise.ts'

/** Everything a command works with, opened. */
export interface Workspace {
  /** As it was last read: at the start, and by commands that build what it says. */
  readonly config: PipelineConfig
  /** Folder of pipeline.yaml. */
  base: string
  stateFolder: string
  outFolder: string
  log: Log
  codec: Codec
  /** The control topic, to be read on and written. */
  feed: ControlFeed
  /** As the control topic was last read. */
  readonly control: ControlState
  topics: TopicNames
  memory: Memory
  translators: TranslatorOpener
  warehouse: OpenedWarehouse
  flow: Flow
  /** What is to be run, by the control topic. */
  readonly stages: StageLine[]
  /** What of it this process cannot run. */
  readonly notRun: NotRun[]
  /** Whether a run works on it: then it is that run's own. */
  isRunning: boolean
  /** The lines of pipeline.yaml as they are built now. */
  makeLines: MakeLines
  /** Reads pipeline.yaml again; KalamError usage when another pipeline or folder stands in it now. */
  reload(): Promise<void>
  close(): Promise<void>
}

/** The folders of a pipeline, without opening anything. */
export const workspaceFolders = (base: string, config: PipelineConfig): { stateFolder: string; outFolder: string } => ({
  stateFolder: resolve(base, config.state),
  outFolder: resolve(base, config.out),
})

/** How a workspace is opened. */
export interface OpenOptions {
  env: NodeJS.ProcessEnv
  /** Whether it is a run's: new lines get their topics and control records, edited ones are refused. */
  create: boolean
  onWait?: TranslatorEnvironment['onWait']
}

/**
 * Opens a pipeline's state. With `create` new lines get their topics and control records, and edited ones are KalamError
 * settings_changed; without it a pipeline that never ran is KalamError not_found. KalamError state_in_use,
 * state_of_other_pipeline as they apply.
 */
export const openWorkspace = async (file: string, options: OpenOptions): Promise<Workspace> => {
  const loaded = await loadPipeline(file, options.env)
  const { base } = loaded
  let { config } = loaded
  const { stateFolder, outFolder } = workspaceFolders(base, config)
  if (!options.create && !existsSync(join(stateFolder, 'log'))) {
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
    const log = embeddedLog({ folder: join(stateFolder, 'log') })
    closers.push(() => log.close())
    const codec = await avroCodec(localRegistry({ file: join(stateFolder, 'schemas.json') }))
    const memory = lmdbMemory({ folder: join(stateFolder, 'memory') })
    closers.push(() => memory.close())
    const translators = translatorOpener({ base, env: options.env, memory, now: Date.now, onWait: options.onWait })
    closers.push(() => translators.close())
    const makeLines: MakeLines = (hashOf) => lineSettings(config, translators.lines(config), hashOf)
    const topics = topicNames(config.pipeline)
    const feed = await openControl({ log, codec, config, topics, makeLines, create: options.create })
    const warehouse = await openWarehouse(config, join(stateFolder, 'warehouse'), options.env)
    closers.push(() => warehouse.close())
    const foreign = foreignRecords({ log, codec, deadLetters: topics.deadLetters, uuid: feed.state.uuid })
    const { flow, current } = stageLines({
      ...{ log, codec, warehouse, foreign },
      config: () => config,
      control: () => feed.state,
      translator: (generation) => translators.built(config, generation),
    })
    const stages = remembered(() => [feed.version, config], current)
    return {
      ...{
        base,
        stateFolder,
        outFolder,
        log,
        codec,
        feed,
        topics,
        memory,
        translators,
        warehouse,
        flow,
        makeLines,
        close,
      },
      isRunning: options.create,
      get config() {
        return config
      },
      get control() {
        return feed.state
      },
      get stages() {
        return stages().lines
      },
      get notRun() {
        return stages().notRun
      },
      async reload() {
        const again = await loadPipeline(file, options.env)
        refuseOther(config, again.config)
        config = again.config
      },
    }
  } catch (thrown) {
    await close()
    throw thrown
  }
}

/** The same stage lines until the control topic or pipeline.yaml is another. */
const remembered = (keyOf: () => readonly unknown[], make: () => StageLines): (() => StageLines) => {
  let key: readonly unknown[] = []
  let made: StageLines | undefined
  return () => {
    const now = keyOf()
    if (!made || now.some((part, i) => part !== key[i])) {
      key = now
      made = make()
    }
    return made
  }
}

const refuseOther = (before: PipelineConfig, now: PipelineConfig): void => {
  for (const key of ['pipeline', 'partitions', 'state', 'out'] as const) {
    if (before[key] === now[key]) continue
    throw new KalamError('usage', `reading pipeline.yaml again: ${key} was ${before[key]}, now it is ${now[key]}`, {
      hint: 'Stop the run first.',
    })
  }
}

const openControl = async (parts: {
  log: Log
  codec: Codec
  config: PipelineConfig
  topics: TopicNames
  makeLines: MakeLines
  create: boolean
}): Promise<ControlFeed> => {
  const { log, codec, config, topics, makeLines, create } = parts
  const { pipeline, partitions } = config
  await log.createTopics([{ topic: topics.control, partitions: 1, compacted: true }])
  const known = await readControl(log, codec, topics.control)
  if (known && known.partitions !== partitions) {
    throw new KalamError(
      'settings_changed',
      `opening pipeline ${pipeline}: it has ${known.partitions} partitions, pipeline.yaml says ${partitions}`,
      {
        hint: `Partitions are fixed for the life of a pipeline: set partitions: ${known.partitions}, or use another state folder.`,
      },
    )
  }
  const control = known ?? (await createPipeline(log, codec, topics.control, randomUUID(), partitions))
  if (create)
    refuseEdited(
      control,
      makeLines(() => undefined),
    )
  const feed = await controlFeed(log, codec, topics.control)
  await log.createTopics(sourceTopics(pipeline, partitions))
  if (create) {
    await feed.change(async (state) => {
      const first = firstGenerations({ control: state, make: makeLines, now: Date.now() })
      // Who sees a record finds its topic.
      await log.createTopics(
        generationTopics(
          pipeline,
          partitions,
          first.map(({ body }) => body),
        ),
      )
      return first
    })
  }
  await log.createTopics(generationTopics(pipeline, partitions, feed.state.generations.values()))
  return feed
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
