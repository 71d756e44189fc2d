import { isAbsolute, join } from 'node:path'
import { KalamError } from '../../dataflow/error.ts'
import type { PipelineConfig, TranslatorConfig } from '../config.ts'
import { openai } from './backends/openai.ts'
import { pseudo } from './backends/pseudo.ts'
import { recorded } from './backends/recorded.ts'
import { limited } from './limit.ts'
import type { Memory } from './memory.ts'
import { prompts } from './prompts/index.ts'
import { retried, type WaitEvent } from './retry.ts'
import type { ChunkTranslator } from './translate-chunk.ts'
import type { Translator } from './translator.ts'
import { validateVersion } from './validate.ts'
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
  onWait?: ((event: WaitEvent & { line: string }) => void) | undefined
  /** Wraps every backend that is called over a network, inside its repeats. */
  wrapBackend?: ((backend: Translator, about: { name: string; timeoutMs: number }) => Translator) | undefined
}

/** Opens every translator of a pipeline: one line per sample (`gemma3`, `gemma3-s1`, …), sharing what limits them. */
export const openTranslators = (config: PipelineConfig, environment: TranslatorEnvironment): TranslatorLine[] => {
  const language = new Map(config.sources.map((source) => [source.name, source.language]))
  const target = config.target.language
  return Object.entries(config.translators).flatMap(([name, settings]) => {
    const translator = openTranslator(name, settings, environment)
    const samples = settings.backend === 'openai' ? settings.samples : 1
    return Array.from({ length: samples }, (_, sample) => ({
      line: sample === 0 ? name : `${name}-s${sample}`,
      chunking: settings.chunking,
      splits: settings.splits,
      sample,
      slots: translator.slots,
      attempts: settings.backend === 'openai' ? settings.attempts : 1,
      fingerprint: `${translator.fingerprint} validate@${validateVersion}`,
      translator,
      languages: (source: string) => ({ source: language.get(source) ?? 'en', target }),
    }))
  })
}

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

/** Memory outside, so that what is known takes no slot; then slots; then repeats; then the call. */
const openPaid = (
  name: string,
  settings: TranslatorConfig & { backend: 'openai' },
  { env, memory, now, onWait, wrapBackend }: TranslatorEnvironment,
): Translator => {
  const { api } = prompts[settings.prompt]
  if (api !== settings.api) {
    throw new KalamError(
      'config_invalid',
      `opening translators.${name}: the prompt ${settings.prompt} needs api: ${api}`,
    )
  }
  const backend = openai({
    name,
    urls: urlsOf(name, settings.url, env),
    key: keyOf(settings.key, env),
    api: settings.api,
    model: settings.model,
    prompt: settings.prompt,
    sampling: settings.sampling,
    timeoutMs: settings.timeout_s * 1000,
    slots: settings.slots,
    now,
  })
  const wrapped = wrapBackend?.(backend, { name, timeoutMs: settings.timeout_s * 1000 }) ?? backend
  const repeated = retried(wrapped, {
    attempts: 5,
    firstWaitMs: 500,
    longestWaitMs: 60_000,
    random: Math.random,
    onWait: (event) => onWait?.({ ...event, line: name }),
  })
  return remembered(limited(repeated), memory)
}

const urlsOf = (name: string, setting: string, env: TranslatorEnvironment['env']): string[] => {
  const url = setting.replace(/\$(\w+)/g, (_, of: string) => env[of] ?? '')
  const urls = url.split(',').map((one) => one.trim())
  const wrong = urls.find((one) => !/^https?:\/\//.test(one) || !URL.canParse(one))
  if (wrong === undefined) return urls
  throw new KalamError('config_invalid', `opening translators.${name}.url: ${JSON.stringify(wrong)} is no URL`, {
    hint: `Write a base URL such as http://gpu-1:8000/v1, several by comma, or variables that hold them; it says ${setting}.`,
  })
}

/** The schema has made sure that the setting is `$VARIABLE`. */
const keyOf = (setting: string | undefined, env: TranslatorEnvironment['env']) => {
  const variable = setting?.slice(1)
  const value = variable === undefined ? undefined : env[variable]
  return variable && value ? { value, variable } : undefined
}
