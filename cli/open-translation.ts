import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { KalamError } from '../dataflow/error.ts'
import type { PipelineConfig } from '../services/config.ts'
import { loadPipeline } from '../services/load-config.ts'
import { type LocalMemory, lmdbMemory } from '../services/translate/lmdb-memory.ts'
import {
  type TranslatorEnvironment,
  type TranslatorOpener,
  translatorOpener,
} from '../services/translate/open-translator.ts'
import { silenceLmdb } from './lmdb-noise.ts'

/** What translates, without the topics and tables that it is done for: enough to try a text. */
export interface OpenedTranslation {
  readonly config: PipelineConfig
  memory: LocalMemory
  translators: TranslatorOpener
  close(): Promise<void>
}

/** The folders of a pipeline, without opening anything. */
export const workspaceFolders = (base: string, config: PipelineConfig): { stateFolder: string; outFolder: string } => ({
  stateFolder: resolve(base, config.state),
  outFolder: resolve(base, config.out),
})

/** Opens memory and translators in a state folder that is claimed. */
export const openTranslators = (
  stateFolder: string,
  environment: Omit<TranslatorEnvironment, 'memory' | 'now'>,
): { memory: LocalMemory; translators: TranslatorOpener } => {
  const memory = lmdbMemory({ folder: join(stateFolder, 'memory') })
  return { memory, translators: translatorOpener({ ...environment, memory, now: Date.now }) }
}

/**
 * Opens the memory and the translators of a pipeline, also of one that never ran and beside one that runs. KalamError
 * state_of_other_pipeline as it applies.
 */
export const openTranslation = async (
  file: string,
  { env }: { env: NodeJS.ProcessEnv },
): Promise<OpenedTranslation> => {
  const { config, base } = await loadPipeline(file, env)
  const { stateFolder } = workspaceFolders(base, config)
  claimForPipeline(stateFolder, config.pipeline)
  silenceLmdb()
  const { memory, translators } = openTranslators(stateFolder, { base, env })
  return {
    config,
    memory,
    translators,
    async close() {
      await translators.close()
      await memory.close()
    },
  }
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
