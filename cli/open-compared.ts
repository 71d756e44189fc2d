import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { avroCodec } from '../dataflow/codec.ts'
import { readControl } from '../dataflow/control.ts'
import { KalamError } from '../dataflow/error.ts'
import { pipelineAsBuilt } from '../services/load-config.ts'
import { topicNames } from '../services/topics.ts'
import type { ComparedRun } from '../services/verify/compare-runs.ts'
import { silenceLmdb } from './lmdb-noise.ts'
import { openLog } from './open-log.ts'
import { workspaceFolders } from './open-translation.ts'
import type { OpenedPipeline } from './workspace.ts'

/**
 * Opens another pipeline beside an opened one, only to read its topics. KalamError usage when it is the same one, not_found when it
 * never ran, state_in_use when a run works on its embedded log.
 */
export const openCompared = async (
  file: string,
  beside: OpenedPipeline,
  env: NodeJS.ProcessEnv,
): Promise<ComparedRun & { close(): Promise<void> }> => {
  const { config, base } = await pipelineAsBuilt(file, env)
  const { stateFolder } = workspaceFolders(base, config)
  if (config.log === 'embedded' && beside.config.log === 'embedded' && stateFolder === beside.stateFolder) {
    throw new KalamError('usage', `comparing with ${file}: it is the same pipeline`, {
      hint: 'Name another one, with a state folder of its own.',
    })
  }
  const neverRan = () =>
    new KalamError('not_found', `comparing with ${file}: that pipeline has not run yet`, { hint: `kalam run ${file}` })
  if (config.log === 'embedded' && !existsSync(join(stateFolder, 'log'))) throw neverRan()
  silenceLmdb()
  try {
    const { log, registry } = await openLog(config, { stateFolder, env, mayRegister: false, waits: false })
    const close = () => log.close()
    try {
      const codec = await avroCodec(registry)
      const control = await readControl(log, codec, topicNames(config.pipeline).control)
      if (!control) throw neverRan()
      return { log, codec, config, control, close }
    } catch (thrown) {
      await close()
      throw thrown
    }
  } catch (thrown) {
    if (thrown instanceof KalamError && thrown.code === 'state_in_use') throw inUse(file, thrown)
    throw thrown
  }
}

/** A run answers for its own log only. */
const inUse = (file: string, cause: KalamError): KalamError =>
  new KalamError('state_in_use', `comparing with ${file}: a process is working on its log`, {
    hint: `If it is a run, ask that one, the other way round: kalam verify -p ${file} --compare <this pipeline>. If both are running, wait until one has ended.`,
    details: cause.details,
    cause,
  })
