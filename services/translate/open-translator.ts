import { isAbsolute, join } from 'node:path'
import type { PipelineConfig, TranslatorConfig } from '../config.ts'
import { openai } from './backends/openai.ts'
import { pseudo } from './backends/pseudo.ts'
import { recorded } from './backends/recorded.ts'
import { limited } from './limit.ts'
import type { Memory } from './memory.ts'
import { retried } from './retry.ts'
import type { ChunkTranslator } from './translate-chunk.ts'
import type { Translator } from './translator.ts'
import { remembered } from './with-memory.ts'

/** One translator line: a translator, or one of its samples. */
export interface TranslatorLine extends ChunkTranslator {
  line: string
  chunking: string
  splits: { only?: string[] | undefined; except?: string[] | undefined }
  slots: number
  fingerprint: string
}

/** What translators need from outside. */
export interface TranslatorEnvironment {
  /** Folder of pipeline.yaml. */
  base: string
  env: Record<string, string | undefined>
  memory: Memory
  now(): number
  /** Told when a line waits for its server instead of failing. */
  onWait?: ((event: { line: string; reason: string }) => void) | undefined
}

/** Opens every translator of a pipeline: one line per sample (`gemma3`, `gemma3-s1`, …), sharing what limits them. */
export const openTranslators = (config: PipelineConfig, environment: TranslatorEnvironment): TranslatorLine[] =>
  Object.entries(config.translators).flatMap(([name, settings]) => {
    const translator = openTranslator(name, settings, environment)
    const samples = settings.backend === 'openai' ? settings.samples : 1
    return Array.from({ length: samples }, (_, sample) => ({
      line: sample === 0 ? name : `${name}-s${sample}`,
      chunking: settings.chunking,
      splits: settings.splits,
      sample,
      slots: translator.slots,
      attempts: settings.backend === 'openai' ? settings.attempts : 1,
      fingerprint: translator.fingerprint,
      translator,
      languages: { source: config.sources[0]!.language, target: config.target.language },
    }))
  })

const openTranslator = (name: string, settings: TranslatorConfig, environment: TranslatorEnvironment): Translator => {
  const path = (file: string) => (isAbsolute(file) ? file : join(environment.base, file))
  switch (settings.backend) {
    case 'pseudo':
      return pseudo()
    case 'recorded':
      return recorded({ file: path(settings.file), ...(settings.system !== undefined && { system: settings.system }) })
    case 'openai':
      return openPaid(name, settings, environment)
  }
}

const defaultSlots = 64

/** Memory outside, so that what is known takes no slot; then slots; then repeats; then the call. */
const openPaid = (
  name: string,
  settings: TranslatorConfig & { backend: 'openai' },
  { env, memory, now, onWait }: TranslatorEnvironment,
): Translator => {
  const variable = settings.key?.replace(/^\$/, '')
  const value = variable === undefined ? undefined : env[variable]
  const backend = openai({
    name,
    url: settings.url.replace(/\$(\w+)/g, (_, of: string) => env[of] ?? ''),
    key: variable === undefined || value === undefined ? undefined : { value, variable },
    api: settings.api,
    model: settings.model,
    prompt: settings.prompt,
    sampling: settings.sampling,
    timeoutMs: settings.timeout_s * 1000,
    slots: settings.slots ?? defaultSlots,
    now,
  })
  const repeated = retried(backend, {
    attempts: 5,
    firstWaitMs: 500,
    longestWaitMs: 60_000,
    random: Math.random,
    onWait: ({ reason }) => onWait?.({ line: name, reason }),
  })
  return remembered(limited(repeated), memory)
}
