import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { KalamError } from '../dataflow/error.ts'
import type { PipelineConfig } from '../services/config.ts'
import { createDatabase, serverOf } from '../services/land/clickhouse-server.ts'
import { clickhouseWarehouse } from '../services/land/clickhouse-warehouse.ts'
import { pipelineAsBuilt } from '../services/load-config.ts'
import { configuredLines } from '../services/report/configured-lines.ts'
import type { WaitEvent } from '../services/translate/calls/retried.ts'
import { type LocalMemory, lmdbMemory } from '../services/translate/lmdb-memory.ts'
import type { Memory } from '../services/translate/memory.ts'
import {
  type TranslatorEnvironment,
  type TranslatorOpener,
  translatorOpener,
} from '../services/translate/open-translator.ts'
import { sharedMemory } from '../services/translate/shared-memory.ts'
import { callThread as makeCallThread } from '../services/translate/thread/call-thread.ts'
import { tieredMemory } from '../services/translate/tiered-memory.ts'
import type { Patience } from '../services/translate/while-away.ts'
import { silenceLmdb } from './lmdb-noise.ts'
import { startCallsThread } from './start-calls-thread.ts'

/** What translates, without the topics and tables that it is done for: enough to try a text. */
export interface OpenedTranslation {
  readonly config: PipelineConfig
  /** What translators ask. */
  memory: LocalMemory
  /** The part of it on this machine, which has the ledger. */
  local: LocalMemory
  /** The part of it that others have too. */
  shared?: Memory
  translators: TranslatorOpener
  close(): Promise<void>
}

/** The folders of a pipeline, or of one of its side runs by name, without opening anything. Side runs share the memory alone. */
export const workspaceFolders = (
  base: string,
  config: PipelineConfig,
  side?: string,
): { stateFolder: string; outFolder: string; memoryFolder: string } => {
  const [stateFolder, outFolder] = [resolve(base, config.state), resolve(base, config.out)]
  const own = (folder: string) => (side === undefined ? folder : join(folder, 'samples', side))
  return { stateFolder: own(stateFolder), outFolder: own(outFolder), memoryFolder: join(stateFolder, 'memory') }
}

/** The shared part of the memory; KalamError usage where pipeline.yaml names none. */
export const sharedOf = ({ shared }: OpenedTranslation): Memory => {
  if (shared) return shared
  throw new KalamError('usage', 'opening the shared memory: pipeline.yaml names none', {
    hint: 'Name a ClickHouse server there:  memory: { url: http://clickhouse:8123, database: kalam }',
  })
}

/** Memory and translators, opened. */
type Opened = Pick<OpenedTranslation, 'memory' | 'local' | 'shared' | 'translators'>

/** How they are opened. */
export interface TranslationEnvironment extends Omit<TranslatorEnvironment, 'memory' | 'now' | 'callThread'> {
  /** Whether much is to be translated: then a shared memory that is away is waited for, and calls have a thread of their own. */
  works: boolean
}

/** How long a shared memory that is away is waited for by commands that do not wait for ever. */
export const sharedPatienceMs = 10_000

/** The shared memory that pipeline.yaml names, if it does; connected to when it is first asked. */
export const openShared = (
  { memory: setting }: Pick<PipelineConfig, 'memory'>,
  env: NodeJS.ProcessEnv,
  patience: Patience,
): Memory | undefined =>
  setting === 'embedded'
    ? undefined
    : sharedMemory({
        async connect() {
          const server = { ...serverOf(setting, env), setting: 'memory' }
          await createDatabase(server)
          return clickhouseWarehouse(server)
        },
        patience,
      })

/** Opens the memory in its folder, in a state folder that is claimed, and the translators; they have to be loaded. */
export const openTranslators = (
  config: PipelineConfig,
  memoryFolder: string,
  { works, ...environment }: TranslationEnvironment,
): Opened => {
  const local = lmdbMemory({ folder: memoryFolder })
  const { base, env, onWait, wrapBackend } = environment
  const waitAll = (event: WaitEvent) => {
    for (const { line, settings } of configuredLines(config)) if ('slots' in settings) onWait?.({ ...event, line })
  }
  const shared = openShared(config, env, {
    mostMs: works ? Number.POSITIVE_INFINITY : sharedPatienceMs,
    onWait: waitAll,
  })
  const memory = shared ? tieredMemory(local, shared) : local
  const callThread =
    works && availableParallelism() > 1
      ? makeCallThread({
          start: (onEnd) => startCallsThread({ base, env, memory: config.memory, memoryFolder }, onEnd),
          onWait: ({ line, event }) => (line === undefined ? waitAll(event) : onWait?.({ ...event, line })),
          wrapBackend,
        })
      : undefined
  const translators = translatorOpener({ ...environment, memory, callThread, now: Date.now })
  return { memory, local, ...(shared && { shared }), translators }
}

/**
 * Opens the memory and the translators of a pipeline, also of one that never ran and beside one that runs. KalamError
 * state_of_other_pipeline as it applies.
 */
export const openTranslation = async (
  file: string,
  { env, onWait }: { env: NodeJS.ProcessEnv } & Pick<TranslationEnvironment, 'onWait'>,
): Promise<OpenedTranslation> => {
  const { config, base } = await pipelineAsBuilt(file, env)
  const { stateFolder, memoryFolder } = workspaceFolders(base, config)
  claimForPipeline(stateFolder, config.pipeline)
  silenceLmdb()
  const opened = openTranslators(config, memoryFolder, { base, env, onWait, works: false })
  const close = async () => {
    await opened.translators.close()
    await opened.memory.close()
  }
  return { config, ...opened, close }
}

/** Marks the state folder with its pipeline's name; another pipeline's folder is refused. */
export const claimForPipeline = (folder: string, pipeline: string): void => {
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
