import { resolve } from 'node:path'
import { messageOf } from '../../dataflow/error.ts'
import type { PipelineConfig } from '../config.ts'
import { importModule } from './backends/load-module.ts'
import { type BackendEnvironment, openBackend } from './open-backend.ts'
import { portChecks } from './port-checks.ts'

/** How one check of one translator ended. */
export interface CheckResult {
  translator: string
  check: string
  /** What speaks against it; nothing when it passes. */
  problem: string | undefined
}

/**
 * Runs the checks of the port on every translator of a pipeline, one after the other, without memory, repeats and limits: what is
 * called is the backend itself.
 */
export async function* checkTranslators(
  { translators }: PipelineConfig,
  outside: Omit<BackendEnvironment, 'moduleAt'>,
): AsyncGenerator<CheckResult> {
  for (const [name, settings] of Object.entries(translators)) {
    const isModule = settings.backend === 'module'
    const exported = isModule ? await importModule(resolve(outside.base, settings.module), name) : undefined
    const translator = openBackend(name, settings, { ...outside, moduleAt: () => exported })
    try {
      for (const { name: check, run } of portChecks) {
        const problem = await run(translator).catch((thrown) => `the check itself failed: ${messageOf(thrown)}`)
        yield { translator: name, check, problem }
      }
    } finally {
      await translator.close?.()
    }
  }
}
