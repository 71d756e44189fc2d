import { isAbsolute, join } from 'node:path'
import { KalamError } from '../../dataflow/error.ts'
import { canonicalJson } from '../../dataflow/settings-hash.ts'
import type { PipelineConfig, TranslatorConfig } from '../config.ts'
import { configuredLines } from '../report/configured-lines.ts'
import { openai } from './backends/openai.ts'
import { pseudo } from './backends/pseudo.ts'
import { recorded } from './backends/recorded.ts'
import { freeSlots, limited, type Slots } from './limit.ts'
import type { Memory } from './memory.ts'
import { promptOf } from './prompts/index.ts'
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
  /** What answers depend on, by the names of pipeline.yaml: enough to open the line again when that is edited. */
  recipe: Record<string, unknown>
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

/** Opens translators, each only once; all that have one name share its slots, whatever model they ask. */
export interface TranslatorOpener {
  /** Every line of a pipeline: one per sample (`gemma3`, `gemma3-s1`, …), sharing what limits them. */
  lines(config: PipelineConfig): TranslatorLine[]
  /**
   * A line as it was built: what its answers depend on from its recipe, URL, key, slots and timeout from pipeline.yaml.
   * KalamError settings_changed when that gives other answers than those it was built with.
   */
  built(config: PipelineConfig, line: BuiltLine): TranslatorLine
  close(): Promise<void>
}

/** What a line was built with. */
export interface BuiltLine {
  line: string
  settings: Record<string, unknown>
  recipe: Record<string, unknown>
}

/** Makes an opener. */
export const translatorOpener = (environment: TranslatorEnvironment): TranslatorOpener => {
  const opened = new Map<string, Translator>()
  const slots = new Map<string, Slots>()
  const openOnce = (name: string, settings: TranslatorConfig): Translator => {
    const key = canonicalJson([name, settings])
    const known = opened.get(key)
    if (known) return known
    const shared = slots.get(name) ?? freeSlots(settings.backend === 'openai' ? settings.slots : 1)
    slots.set(name, shared)
    const translator = openTranslator(name, settings, shared, environment)
    opened.set(key, translator)
    return translator
  }
  const lines: TranslatorOpener['lines'] = (config) =>
    Object.entries(config.translators).flatMap(([name, settings]) => {
      const translator = openOnce(name, settings)
      const samples = settings.backend === 'openai' ? settings.samples : 1
      return Array.from({ length: samples }, (_, sample) => lineOf(config, { name, settings, translator, sample }))
    })
  return {
    lines,
    built(config, { line, settings, recipe }) {
      const now = configuredLines(config).find((one) => one.line === line)
      if (!now) throw cannotRun(line, 'pipeline.yaml has no such line')
      const name = line.replace(/-s\d+$/, '') in config.translators ? line.replace(/-s\d+$/, '') : line
      const candidates = withRecipe(now.settings, recipe)
      if (candidates.length === 0)
        throw cannotRun(line, `its backend was ${String(recipe.backend)}, now it is ${now.settings.backend}`)
      const sample = Number(settings.sample ?? 0)
      for (const merged of candidates) {
        const built = lineOf(config, { name, settings: merged, translator: openOnce(name, merged), sample })
        if (built.fingerprint !== settings.fingerprint) continue
        const attempts = Number(settings.attempts ?? built.attempts)
        return { ...built, attempts, splits: (settings.splits ?? {}) as TranslatorLine['splits'] }
      }
      throw cannotRun(line, 'its prompt, answers or code are not those it was built with')
    },
    async close() {
      for (const translator of opened.values()) await translator.close?.()
    },
  }
}

const cannotRun = (line: string, fact: string): KalamError =>
  new KalamError('settings_changed', `opening translator ${line}: ${fact}`)

/**
 * The settings with what a recipe says in their place; none when it is of another backend. A recording may have been moved, so its
 * present file comes first, and the one it was built with second where that is still there.
 */
const withRecipe = (
  settings: TranslatorConfig,
  { translator, file, ...recipe }: Record<string, unknown>,
): TranslatorConfig[] => {
  if (recipe.backend === undefined) return [settings]
  if (recipe.backend !== settings.backend) return []
  const merged = { ...settings, ...recipe } as TranslatorConfig
  if (merged.backend !== 'recorded') return [merged]
  const { system, ...unnamed } = merged
  const asBuilt = recipe.system === undefined ? unnamed : merged
  return [asBuilt, { ...asBuilt, file: String(file) }]
}

const recipeOf = (name: string, settings: TranslatorConfig): Record<string, unknown> => {
  const { backend, chunking } = settings
  const own = { translator: name, backend, chunking }
  if (settings.backend === 'recorded') return { ...own, file: settings.file, system: settings.system }
  if (settings.backend === 'pseudo') return own
  const { api, model, prompt, sampling } = settings
  return { ...own, api, model, prompt, sampling }
}

const lineOf = (
  config: PipelineConfig,
  of: { name: string; settings: TranslatorConfig; translator: Translator; sample: number },
): TranslatorLine => {
  const { name, settings, translator, sample } = of
  const language = new Map(config.sources.map((source) => [source.name, source.language]))
  const target = config.target.language
  return {
    line: sample === 0 ? name : `${name}-s${sample}`,
    chunking: settings.chunking,
    splits: settings.splits,
    sample,
    slots: translator.slots,
    attempts: settings.backend === 'openai' ? settings.attempts : 1,
    fingerprint: `${translator.fingerprint} validate@${validateVersion}`,
    recipe: recipeOf(name, settings),
    translator,
    languages: (source: string) => ({ source: language.get(source) ?? 'en', target }),
  }
}

const openTranslator = (
  name: string,
  settings: TranslatorConfig,
  slots: Slots,
  environment: TranslatorEnvironment,
): Translator => {
  const path = (file: string) => (isAbsolute(file) ? file : join(environment.base, file))
  switch (settings.backend) {
    case 'pseudo':
      return pseudo()
    case 'recorded':
      return recorded({ file: path(settings.file), ...(settings.system !== undefined && { system: settings.system }) })
    case 'openai':
      return openPaid(name, settings, slots, environment)
  }
}

/** Memory outside, so that what is known takes no slot; then slots; then repeats; then the call. */
const openPaid = (
  name: string,
  settings: TranslatorConfig & { backend: 'openai' },
  slots: Slots,
  { env, memory, now, onWait, wrapBackend }: TranslatorEnvironment,
): Translator => {
  const { api } = promptOf(settings.prompt)
  if (api !== settings.api) {
    throw new KalamError(
      'config_invalid',
      `opening translators.${name}: the prompt ${typeof settings.prompt === 'string' ? settings.prompt : 'of its own'} needs api: ${api}`,
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
  return remembered(limited(repeated, slots), memory)
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
