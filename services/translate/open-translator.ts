import { isAbsolute, join } from 'node:path'
import { KalamError } from '../../dataflow/error.ts'
import { canonicalJson, settingsHash } from '../../dataflow/settings-hash.ts'
import type { PipelineConfig, TranslatorConfig } from '../config.ts'
import { configuredLines } from '../report/configured-lines.ts'
import { openai } from './backends/openai.ts'
import { pseudo } from './backends/pseudo.ts'
import { recorded } from './backends/recorded.ts'
import { billed } from './calls/billed.ts'
import { limited } from './calls/limited.ts'
import { type Limiter, limiter } from './calls/limiter.ts'
import { retried, type WaitEvent } from './calls/retried.ts'
import { type Stand, type StandReason, standing } from './calls/standing.ts'
import { type Ledger, nanoOf, type Spending } from './ledger.ts'
import type { Memory } from './memory.ts'
import { prompts } from './prompts/index.ts'
import type { Prompt } from './prompts/prompt.ts'
import { plainRules, rulesOf } from './segment-rules.ts'
import type { ChunkTranslator } from './translate-chunk.ts'
import type { SegmentRules } from './translate-segment.ts'
import type { Translator } from './translator.ts'
import { validateVersion } from './validate.ts'
import { remembered } from './with-memory.ts'

/** One translator line: a translator, or one of its samples. */
export interface TranslatorLine extends ChunkTranslator {
  line: string
  chunking: string
  splits: { only?: string[] | undefined; except?: string[] | undefined }
  slots: number
  /** Whether one process has to make all its calls, because they share a budget or a provider's rates. */
  isSingle: boolean
  /** Whether it stands still, for translators that call others. */
  stand?: Stand | undefined
  fingerprint: string
  /** What answers depend on, by the names of pipeline.yaml: enough to open the line again when that is edited. */
  recipe: Record<string, unknown>
}

/** What translators need from outside. */
export interface TranslatorEnvironment {
  /** Folder of pipeline.yaml. */
  base: string
  env: Record<string, string | undefined>
  memory: Memory & { ledger: Ledger }
  now(): number
  /** Told when a line waits for its server instead of failing. */
  onWait?: ((event: WaitEvent & { line: string }) => void) | undefined
  /** Told when a line stands still until somebody helps. */
  onStand?: ((reason: StandReason & { line: string }) => void) | undefined
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
  const opened = new Map<string, OpenedTranslator>()
  const limiters = new Map<string, Limiter>()
  /** One limiter per endpoint, which is a url and a key. */
  const limiterOf = ({ url, key, slots, rates }: CalledConfig): Limiter => {
    const endpoint = canonicalJson([url, key ?? ''])
    const shared = limiters.get(endpoint) ?? limiter({ slots, rates: ratesOf(rates) })
    limiters.set(endpoint, shared)
    return shared
  }
  const openOnce = (name: string, settings: TranslatorConfig): OpenedTranslator => {
    const key = canonicalJson([name, settings])
    const known = opened.get(key)
    if (known) return known
    const translator = openTranslator(name, settings, limiterOf, environment)
    opened.set(key, translator)
    return translator
  }
  const lines: TranslatorOpener['lines'] = (config) =>
    Object.entries(config.translators).flatMap(([name, settings]) => {
      const opened = openOnce(name, settings)
      const samples = settings.backend === 'openai' ? settings.samples : 1
      return Array.from({ length: samples }, (_, sample) => lineOf(config, { name, settings, opened, sample }))
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
        const built = lineOf(config, { name, settings: merged, opened: openOnce(name, merged), sample })
        if (built.fingerprint !== settings.fingerprint) continue
        const attempts = Number(settings.attempts ?? built.rules.attempts)
        return {
          ...built,
          rules: { ...built.rules, attempts },
          splits: (settings.splits ?? {}) as TranslatorLine['splits'],
        }
      }
      throw cannotRun(line, 'its prompt, answers or code are not those it was built with')
    },
    async close() {
      for (const { translator } of opened.values()) await translator.close?.()
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
  // What a recipe does not name was not there.
  const merged = { ...settings, ...(settings.backend === 'openai' && { extra: {} }), ...recipe } as TranslatorConfig
  if (merged.backend !== 'recorded') return [merged]
  const { system, ...unnamed } = merged
  const asBuilt = recipe.system === undefined ? unnamed : merged
  return [asBuilt, { ...asBuilt, file: String(file) }]
}

/** After this time a line that stands still looks whether it can go on. */
const standsMs = 60_000

const recipeOf = (name: string, settings: TranslatorConfig): Record<string, unknown> => {
  const { backend, chunking } = settings
  const own = { translator: name, backend, chunking }
  if (settings.backend === 'recorded') return { ...own, file: settings.file, system: settings.system }
  if (settings.backend === 'pseudo') return own
  const { api, model, prompt, sampling, extra, masking, checks } = settings
  const judged = { masking, checks }
  return { ...own, api, model, prompt, sampling, ...judged, ...(Object.keys(extra).length > 0 && { extra }) }
}

const lineOf = (
  config: PipelineConfig,
  of: { name: string; settings: TranslatorConfig; opened: OpenedTranslator; sample: number },
): TranslatorLine => {
  const { name, settings, opened, sample } = of
  const { translator, stand } = opened
  const { rules, judging } = rulesFor(config, settings)
  const language = new Map(config.sources.map((source) => [source.name, source.language]))
  const target = config.target.language
  return {
    line: sample === 0 ? name : `${name}-s${sample}`,
    chunking: settings.chunking,
    splits: settings.splits,
    sample,
    slots: translator.slots,
    isSingle: isSingle(settings),
    stand,
    rules,
    fingerprint: `${translator.fingerprint} ${judging}`,
    recipe: recipeOf(name, settings),
    translator,
    languages: (source: string) => ({ source: language.get(source) ?? 'en', target }),
  }
}

/** What a prompt says besides the text. */
const instructionsOf = (prompt: Prompt, targetLanguage: string): string => {
  const rendered = prompt.render({ text: '', sourceLanguage: 'en', targetLanguage })
  return 'prompt' in rendered ? rendered.prompt : rendered.messages.map(({ content }) => content).join('\n')
}

/** How answers are judged, and what of it is part of the line's fingerprint. */
const rulesFor = (config: PipelineConfig, settings: TranslatorConfig): { rules: SegmentRules; judging: string } => {
  const validate = `validate@${validateVersion}`
  if (settings.backend !== 'openai') return { rules: plainRules(1), judging: validate }
  const { rules, fingerprint } = rulesOf(settings, {
    chunking: config.chunkings[settings.chunking],
    promptText: instructionsOf(prompts[settings.prompt], config.target.language),
  })
  return { rules, judging: `${validate} ${settingsHash(fingerprint as Record<string, unknown>)}` }
}

/** Settings of translators that call others. */
type CalledConfig = TranslatorConfig & { backend: 'openai' }

interface OpenedTranslator {
  translator: Translator
  stand?: Stand
}

/** A budget or rates hold for all calls together, so that one process has to make them. */
const isSingle = (settings: TranslatorConfig): boolean =>
  settings.backend === 'openai' && Object.keys({ ...settings.budget, ...settings.rates }).length > 0

const ratesOf = ({ requests_per_minute, tokens_per_minute }: CalledConfig['rates']) => ({
  requestsPerMinute: requests_per_minute,
  tokensPerMinute: tokens_per_minute,
})

/** A budget of pipeline.yaml as the ledger counts it. */
export const budgetOf = ({ usd, tokens, calls }: CalledConfig['budget']): Partial<Spending> => ({
  ...(usd !== undefined && { nano: nanoOf(usd) }),
  ...(tokens !== undefined && { tokens }),
  ...(calls !== undefined && { calls }),
})

const openTranslator = (
  name: string,
  settings: TranslatorConfig,
  limiterOf: (settings: CalledConfig) => Limiter,
  environment: TranslatorEnvironment,
): OpenedTranslator => {
  const path = (file: string) => (isAbsolute(file) ? file : join(environment.base, file))
  switch (settings.backend) {
    case 'pseudo':
      return { translator: pseudo() }
    case 'recorded':
      return {
        translator: recorded({
          file: path(settings.file),
          ...(settings.system !== undefined && { system: settings.system }),
        }),
      }
    case 'openai':
      return openCalled(name, settings, limiterOf(settings), environment)
  }
}

/**
 * Memory outside, so that what is known waits for nothing; then what stops the whole line, and repeats, which hold no place while they
 * wait; then the places of the endpoint, the bill, and the call.
 */
const openCalled = (
  name: string,
  settings: CalledConfig,
  places: Limiter,
  { env, memory, now, onWait, onStand, wrapBackend }: TranslatorEnvironment,
): OpenedTranslator => {
  const { api } = prompts[settings.prompt]
  if (api !== settings.api) {
    throw new KalamError(
      'config_invalid',
      `opening translators.${name}: the prompt ${settings.prompt} needs api: ${api}`,
    )
  }
  const urls = urlsOf(name, settings.url, env)
  const backend = openai({
    name,
    urls,
    key: keyOf(settings.key, env),
    api: settings.api,
    model: settings.model,
    prompt: settings.prompt,
    sampling: settings.sampling,
    extra: extraOf(urls, settings.extra),
    timeoutMs: settings.timeout_s * 1000,
    slots: settings.slots,
    now,
  })
  const wrapped = wrapBackend?.(backend, { name, timeoutMs: settings.timeout_s * 1000 }) ?? backend
  const { budget, price } = settings
  const paid = billed(wrapped, { ledger: memory.ledger, account: name, budget: budgetOf(budget), price })
  const repeated = retried(limited(paid, places), {
    attempts: 5,
    firstWaitMs: 500,
    longestWaitMs: 60_000,
    random: Math.random,
    onWait: (event) => onWait?.({ ...event, line: name }),
  })
  const { translator, stand } = standing(repeated, {
    againMs: standsMs,
    onStand: (reason) => onStand?.({ ...reason, line: name }),
  })
  return { translator: remembered(translator, memory), stand }
}

/** The base URLs that a setting stands for, with variables filled in; KalamError config_invalid. */
export const urlsOf = (name: string, setting: string, env: TranslatorEnvironment['env']): string[] => {
  const url = setting.replace(/\$(\w+)/g, (_, of: string) => env[of] ?? '')
  const urls = url.split(',').map((one) => one.trim())
  const wrong = urls.find((one) => !/^https?:\/\//.test(one) || !URL.canParse(one))
  if (wrong === undefined) return urls
  throw new KalamError('config_invalid', `opening translators.${name}.url: ${JSON.stringify(wrong)} is no URL`, {
    hint: `Write a base URL such as http://gpu-1:8000/v1, several by comma, or variables that hold them; it says ${setting}.`,
  })
}

/** OpenRouter hands texts to providers that keep them, unless it is told not to. */
const extraOf = (urls: string[], extra: CalledConfig['extra']): Record<string, unknown> => {
  const isOpenRouter = urls.some((url) => /(^|\.)openrouter\.ai$/.test(new URL(url).hostname))
  if (!isOpenRouter) return extra
  return { ...extra, provider: { data_collection: 'deny', ...(extra.provider as object | undefined) } }
}

/** The schema has made sure that the setting is `$VARIABLE`. */
const keyOf = (setting: string | undefined, env: TranslatorEnvironment['env']) => {
  const variable = setting?.slice(1)
  const value = variable === undefined ? undefined : env[variable]
  return variable && value ? { value, variable } : undefined
}
