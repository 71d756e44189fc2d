import { resolve } from 'node:path'
import type { TranslatorConfig } from '../config.ts'
import { exec } from './backends/exec.ts'
import { ownTranslator } from './backends/load-module.ts'
import { moduleTranslator } from './backends/module.ts'
import { pseudo } from './backends/pseudo.ts'
import { recorded } from './backends/recorded.ts'
import { openOpenai } from './open-openai.ts'
import type { TranslatorEnvironment } from './open-translator.ts'
import type { Translator } from './translator.ts'

/** What backends need from outside. */
export interface BackendEnvironment extends Pick<TranslatorEnvironment, 'base' | 'env' | 'now' | 'onNotice'> {
  /** What a module exports as translator; it was imported before. */
  moduleAt(file: string): unknown
}

/** The backend of a translator alone, without memory, repeats and limits. */
export const openBackend = (name: string, settings: TranslatorConfig, outside: BackendEnvironment): Translator => {
  const { base, env, now, onNotice } = outside
  switch (settings.backend) {
    case 'pseudo':
      return pseudo()
    case 'recorded': {
      const file = resolve(base, settings.file)
      return recorded({ file, ...(settings.system !== undefined && { system: settings.system }) })
    }
    case 'openai':
      return openOpenai(name, settings, outside)
    case 'exec': {
      const { command, pass, version, slots, timeout_s, start_timeout_s } = settings
      return exec({
        ...{ name, command, pass, version, slots, env, now },
        cwd: base,
        timeoutMs: timeout_s * 1000,
        startTimeoutMs: start_timeout_s * 1000,
        onNotice: (message) => onNotice?.({ line: name, message }),
      })
    }
    case 'module': {
      const { options, slots, timeout_s } = settings
      const own = ownTranslator(outside.moduleAt(resolve(base, settings.module)), options, name)
      return moduleTranslator({ name, own, options, slots, timeoutMs: timeout_s * 1000, now })
    }
  }
}
