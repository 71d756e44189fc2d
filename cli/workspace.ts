import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { avroCodec, type Codec } from '../dataflow/codec.ts'
import type { ControlState } from '../dataflow/control.ts'
import type { ControlFeed } from '../dataflow/control-feed.ts'
import { KalamError } from '../dataflow/error.ts'
import type { Log } from '../dataflow/log.ts'
import { loadTokenizers } from '../services/chunk/cutter-of.ts'
import type { PipelineConfig } from '../services/config.ts'
import type { Flow, StageLine } from '../services/flow.ts'
import { foreignRecords } from '../services/foreign-records.ts'
import { openWarehouse } from '../services/land/open-warehouse.ts'
import { noWarehouse, type OpenedWarehouse } from '../services/land/warehouse.ts'
import { lineSettings } from '../services/line-settings.ts'
import { loadPipeline, pipelineAsBuilt } from '../services/load-config.ts'
import { noObservers, type Observers } from '../services/observe/observers.ts'
import type { MakeLines } from '../services/plan-generations.ts'
import { type NotRun, type StageLines, stageLines } from '../services/stage-lines.ts'
import { type TopicNames, topicNames } from '../services/topics.ts'
import type { TranslatorEnvironment } from '../services/translate/open-translator.ts'
import { whileAway } from '../services/translate/while-away.ts'
import { silenceLmdb } from './lmdb-noise.ts'
import { openControl } from './open-control.ts'
import { openLog } from './open-log.ts'
import { claimForPipeline, type OpenedTranslation, openTranslators, workspaceFolders } from './open-translation.ts'

/** A pipeline, opened without its warehouse. */
export interface OpenedPipeline extends OpenedTranslation {
  /** As it was last read: at the start, and by commands that build what it says. */
  readonly config: PipelineConfig
  /** Folder of pipeline.yaml. */
  base: string
  stateFolder: string
  outFolder: string
  /** Whether it is a side run, which has the pipeline's memory and ledger. */
  isSide: boolean
  log: Log
  codec: Codec
  /** The control topic, to be read on and written. */
  feed: ControlFeed
  /** As the control topic was last read. */
  readonly control: ControlState
  topics: TopicNames
  /** The lines of pipeline.yaml as they are built now. */
  makeLines: MakeLines
  /** Whether pipeline.yaml says something else now. */
  isEdited(): Promise<boolean>
  /** Reads pipeline.yaml and the programs of translators again; KalamError usage when another pipeline or folder stands in it now. */
  reload(): Promise<void>
  /** Told what is closed with the pipeline, the last first. */
  onClose(closer: () => Promise<void>): void
  close(): Promise<void>
}

/** Everything a command works with, opened. */
export interface Workspace extends OpenedPipeline {
  warehouse: OpenedWarehouse
  flow: Flow
  /** What is to be run, by the control topic. */
  readonly stages: StageLine[]
  /** What of it this process cannot run. */
  readonly notRun: NotRun[]
  /** Whether a run works on it: then it is that run's own. */
  isRunning: boolean
}

/** A side run has a log and tables of its own. */
const configOf = (config: PipelineConfig, side: string | undefined): PipelineConfig =>
  side === undefined ? config : { ...config, log: 'embedded', warehouse: 'embedded' }

/** A command that was given just before has the state folder for a moment. */
const besideMs = 5000
/** How long a command waits for the tables before it asks again whether a run has them. */
const askAgainMs = 1000

const forEver = { mostMs: Number.POSITIVE_INFINITY }

/** How a workspace is opened. */
export interface WorkspaceEnvironment {
  env: NodeJS.ProcessEnv
  /** Whether work is to be done on it: edited lines are refused, new ones need or get their topics and control records. */
  create: boolean
  /** Whether topics and schemas are made that are not there; so it is on the embedded log. */
  createTopics?: boolean
  /** Whether to wait for a cluster that is away as long as it takes. */
  waits?: boolean
  /** Whether the warehouse is needed; without it every use of it is an error. */
  warehouse?: boolean
  /** Name of a side run: then its own state is opened, with the pipeline's memory. */
  side?: string | undefined
  /** Done before new lines get their control records, so that what it refuses can be mended without an edit of what was built. */
  beforeNew?: ((opened: Pick<OpenedPipeline, 'config' | 'translators'>) => Promise<void>) | undefined
  onWait?: TranslatorEnvironment['onWait']
  onNotice?: TranslatorEnvironment['onNotice']
  observers?: Observers
}

/** Opens a pipeline's state with its warehouse; errors as with openPipeline. */
export const openWorkspace = async (file: string, environment: WorkspaceEnvironment): Promise<Workspace> => {
  const pipeline = await openPipeline(file, environment)
  try {
    const { base, stateFolder, codec, topics, feed, translators, log } = pipeline
    const { observers = noObservers, warehouse: isNeeded = true, env, create } = environment
    const folder = join(stateFolder, 'warehouse')
    const opened = isNeeded
      ? await openWarehouse(pipeline.config, folder, env, create ? undefined : askAgainMs)
      : noWarehouse
    const warehouse = observers.warehouse(opened)
    pipeline.onClose(() => warehouse.close())
    const foreign = foreignRecords({ codec, deadLetters: topics.deadLetters, uuid: feed.state.uuid })
    const { flow, current } = stageLines({
      ...{ base, log, codec, warehouse, foreign },
      config: () => pipeline.config,
      control: () => feed.state,
      translator: (generation) => translators.built(pipeline.config, generation),
    })
    const stages = remembered(() => [feed.version, pipeline.config], current)
    const { outFolder, isSide, memory, local, shared, makeLines, isEdited, reload, onClose, close } = pipeline
    return {
      ...{
        base,
        stateFolder,
        outFolder,
        isSide,
        log,
        codec,
        feed,
        topics,
        memory,
        local,
        ...(shared && { shared }),
        translators,
        makeLines,
        isEdited,
        reload,
        onClose,
        close,
      },
      ...{ warehouse, flow, isRunning: create },
      get config() {
        return pipeline.config
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
    }
  } catch (thrown) {
    await pipeline.close()
    throw thrown
  }
}

/**
 * Opens a pipeline's state. Without `create` a pipeline that never ran is KalamError not_found, with it an edited line is
 * settings_changed; on a cluster, topics that are not there are topics_missing. KalamError state_in_use,
 * state_of_other_pipeline as they apply.
 */
export const openPipeline = async (file: string, environment: WorkspaceEnvironment): Promise<OpenedPipeline> => {
  const { env, create, waits = false, observers = noObservers, side } = environment
  const loaded = create ? await loadPipeline(file, env) : await pipelineAsBuilt(file, env)
  const { base } = loaded
  let config = configOf(loaded.config, side)
  if (create) loadTokenizers(config.chunkings, base)
  const { stateFolder, outFolder, memoryFolder } = workspaceFolders(base, config, side)
  const isEmbedded = config.log === 'embedded'
  if (isEmbedded && !create && !existsSync(join(stateFolder, 'log'))) {
    throw new KalamError('not_found', `opening ${stateFolder}: this pipeline has not run yet`, {
      hint: `kalam run ${file}`,
    })
  }
  for (const folder of new Set([dirname(memoryFolder), stateFolder])) claimForPipeline(folder, config.pipeline)
  silenceLmdb()
  const closers: (() => Promise<void>)[] = []
  const close = async () => {
    for (const closer of closers.reverse()) await closer()
    closers.length = 0
  }
  try {
    const createTopics = environment.createTopics ?? isEmbedded
    const { onEvent } = observers
    const patienceMs = create ? besideMs : 0
    const opened = await openLog(config, { stateFolder, env, mayRegister: createTopics, waits, onEvent, patienceMs })
    const log = observers.log(opened.log)
    closers.push(() => log.close())
    const codec = await avroCodec(opened.registry)
    const translation = openTranslators(config, memoryFolder, {
      ...{ base, env, works: create },
      onWait: environment.onWait ?? observers.onWait,
      onNotice: environment.onNotice ?? observers.onNotice,
      wrapBackend: observers.backend,
    })
    const { translators } = translation
    closers.push(() => translation.memory.close())
    closers.push(() => translators.close())
    await translators.load(config)
    const makeLines: MakeLines = (hashOf, retriesOf) =>
      lineSettings(config, translators.lines(config), hashOf, retriesOf)
    const beforeNew = () => environment.beforeNew?.({ config, translators }) ?? Promise.resolve()
    const open = () => openControl({ log, codec, config, makeLines, create, createTopics, beforeNew })
    // What only looks may look again.
    const feed = await (waits && !createTopics ? whileAway(open, forEver, new AbortController().signal) : open())
    const topics = topicNames(config.pipeline)
    return {
      isSide: side !== undefined,
      ...{ base, stateFolder, outFolder, log, codec, feed, topics, ...translation, makeLines, close },
      onClose: (closer) => closers.push(closer),
      get config() {
        return config
      },
      get control() {
        return feed.state
      },
      isEdited: async () => !isDeepStrictEqual(config, configOf((await loadPipeline(file, env)).config, side)),
      async reload() {
        const again = await loadPipeline(file, env)
        refuseOther(config, again.config)
        await translators.load(again.config)
        config = configOf(again.config, side)
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
