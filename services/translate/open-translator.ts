import { resolve } from 'node:path'
import { KalamError } from '../../dataflow/error.ts'
import { canonicalJson, settingsHash } from '../../dataflow/settings-hash.ts'
import type { PipelineConfig, TranslatorConfig } from '../config.ts'
import { configuredLines } from '../report/configured-lines.ts'
import { importModule } from './backends/load-module.ts'
import type { WaitEvent } from './calls/retried.ts'
import type { Stand } from './calls/standing.ts'
import type { PaidFrom } from './count-paid.ts'
import type { LocalMemory } from './lmdb-memory.ts'
import type { Memory } from './memory.ts'
import { openBackend } from './open-backend.ts'
import { type OpenedTranslator, openCalled, sharedLimiters } from './open-called.ts'
import type { Probe } from './probe.ts'
import { recipeOf, withRecipe } from './recipe.ts'
import { chosenBy, retriesIn, withSet } from './retries.ts'
import { plainRules, rulesOf } from './segment-rules.ts'
import type { CallThread } from './thread/call-thread.ts'
import type { ChunkTranslator } from './translate-chunk.ts'
import type { SegmentRules } from './translate-segment.ts'
import type { Translator } from './translator.ts'
import { validateVersion } from './validate.ts'

/** One translator line: a translator, or one of its samples. */
export interface TranslatorLine extends ChunkTranslator {
  line: string
  chunking: string
  splits: { only?: string[] | undefined; except?: string[] | undefined }
  slots: number
  /** Whether one process has to make all its calls, because they share a budget or a provider's rates. */
  isSingle: boolean
  /** What its budget is counted in, where it has one. */
  paidFrom?: PaidFrom | undefined
  /** Whether it stands still, for translators that call others. */
  stand?: Stand | undefined
  /** Asks for a greeting before anything is taken in, for translators that call others. */
  probe?: Probe | undefined
  fingerprint: string
  /** What answers depend on, by the names of pipeline.yaml: enough to open the line again when that is edited. */
  recipe: Record<string, unknown>
}

/** What translators need from outside. */
export interface TranslatorEnvironment {
  /** Folder of pipeline.yaml. */
  base: string
  env: Record<string, string | undefined>
  memory: Memory & Pick<LocalMemory, 'ledger' | 'keep'>
  now(): number
  /** Told when a line waits for its server instead of failing. */
  onWait?: ((event: WaitEvent & { line: string }) => void) | undefined
  /** Told about what a translator does that it should not, once of each kind. */
  onNotice?: ((notice: { line: string; message: string }) => void) | undefined
  /** Wraps every backend that is called over a network, inside its repeats. */
  wrapBackend?: ((backend: Translator, about: { name: string; timeoutMs: number }) => Translator) | undefined
  /** Makes the calls to servers; without it they are made here. */
  callThread?: CallThread | undefined
}

/** Opens translators, each only once; all that have one name share its slots, whatever model they ask. */
export interface TranslatorOpener {
  /** Imports the modules that a pipeline names; to be done before its lines are asked for. */
  load(config: PipelineConfig): Promise<void>
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
  const modules = new Map<string, unknown>()
  const { base, env, memory } = environment
  const { ledger } = memory
  const outside = { ...environment, limiterOf: sharedLimiters(env), moduleAt: (file: string) => modules.get(file) }
  const openOnce = (name: string, settings: TranslatorConfig): OpenedTranslator => {
    const key = canonicalJson([name, settings])
    const known = opened.get(key)
    if (known) return known
    const backend = openBackend(name, settings, outside)
    const translator = openOn(name, settings, backend)
    opened.set(key, translator)
    return translator
  }
  const openOn = (name: string, settings: TranslatorConfig, backend: Translator): OpenedTranslator => {
    if (!('slots' in settings)) return { translator: backend }
    // A program has its own process, and a module's state is this thread's.
    if (settings.backend === 'openai' && environment.callThread)
      return environment.callThread.open(name, settings, backend)
    return openCalled(name, settings, backend, outside)
  }
  const lines: TranslatorOpener['lines'] = (config) =>
    Object.entries(config.translators).flatMap(([name, settings]) => {
      const opened = openOnce(name, settings)
      const samples = 'samples' in settings ? settings.samples : 1
      return Array.from({ length: samples }, (_, sample) =>
        lineOf(config, { name, settings, opened, sample, base, ledger }),
      )
    })
  return {
    lines,
    async load({ translators }) {
      for (const [name, settings] of Object.entries(translators)) {
        if (settings.backend !== 'module') continue
        const file = resolve(base, settings.module)
        modules.set(file, await importModule(file, name))
      }
    },
    built(config, { line, settings, recipe }) {
      const now = configuredLines(config).find((one) => one.line === line)
      if (!now) throw cannotRun(line, 'pipeline.yaml has no such line')
      const name = line.replace(/-s\d+$/, '') in config.translators ? line.replace(/-s\d+$/, '') : line
      const candidates = withRecipe(now.settings, recipe).filter(
        (one) => one.backend !== 'module' || modules.has(resolve(base, one.module)),
      )
      if (candidates.length === 0)
        throw cannotRun(line, `its backend was ${String(recipe.backend)}, now it is ${now.settings.backend}`)
      const sample = Number(settings.sample ?? 0)
      for (const merged of candidates) {
        const built = lineOf(config, { name, settings: merged, opened: openOnce(name, merged), sample, base, ledger })
        if (built.fingerprint !== settings.fingerprint) continue
        const attempts = Number(settings.attempts ?? built.rules.attempts)
        const retries = retriesIn(settings).map((rule) => ({
          rule,
          opened: Object.keys(rule.set).length > 0 ? openOnce(name, withSet(merged, rule.set)) : undefined,
        }))
        return {
          ...built,
          rules: { ...built.rules, attempts },
          stand: firstStand([built.stand, ...retries.map(({ opened }) => opened?.stand)]),
          retries: retries.map(({ rule, opened }) => ({
            chooses: chosenBy(rule),
            attempts: rule.attempts,
            ...(opened && { translator: opened.translator }),
          })),
          splits: (settings.splits ?? {}) as TranslatorLine['splits'],
        }
      }
      throw cannotRun(line, 'its prompt, answers or code are not those it was built with')
    },
    async close() {
      for (const { translator } of opened.values()) await translator.close?.()
      await environment.callThread?.close()
    },
  }
}

/** A line stands still when one of those it asks does: its chunks go out in their order. */
const firstStand = (stands: readonly (Stand | undefined)[]): Stand | undefined => {
  const known = stands.filter((stand) => stand !== undefined)
  if (known.length < 2) return known[0]
  const standing = () => known.find(({ reason }) => reason !== undefined)
  return {
    get reason() {
      return standing()?.reason
    },
    get sinceMs() {
      return standing()?.sinceMs ?? 0
    },
  }
}

const cannotRun = (line: string, fact: string): KalamError =>
  new KalamError('settings_changed', `opening translator ${line}: ${fact}`)

const lineOf = (
  config: PipelineConfig,
  of: {
    name: string
    settings: TranslatorConfig
    opened: OpenedTranslator
    sample: number
    base: string
    ledger: PaidFrom['ledger']
  },
): TranslatorLine => {
  const { name, settings, opened, sample, base, ledger } = of
  const { translator, stand, starts, probe } = opened
  const { rules, judging } = rulesFor(config, settings, translator, base)
  const language = new Map(config.sources.map((source) => [source.name, source.language]))
  const target = config.target.language
  return {
    line: sample === 0 ? name : `${name}-s${sample}`,
    chunking: settings.chunking,
    splits: settings.splits,
    sample,
    slots: translator.slots,
    isSingle: isSingle(settings),
    paidFrom: 'slots' in settings && Object.keys(settings.budget).length > 0 ? { ledger, account: name } : undefined,
    stand,
    starts,
    probe: probe?.(target),
    rules,
    fingerprint: `${translator.fingerprint} ${judging}`,
    recipe: recipeOf(name, settings),
    translator,
    languages: (source: string) => ({ source: language.get(source) ?? 'en', target }),
  }
}

/** How answers are judged, and what of it is part of the line's fingerprint. */
const rulesFor = (
  config: PipelineConfig,
  settings: TranslatorConfig,
  translator: Translator,
  base: string,
): { rules: SegmentRules; judging: string } => {
  const validate = `validate@${validateVersion}`
  if (!('slots' in settings)) return { rules: plainRules(1), judging: validate }
  const { rules, fingerprint } = rulesOf(settings, {
    chunking: config.chunkings[settings.chunking],
    base,
    promptText: translator.instructions?.({ sourceLanguage: 'en', targetLanguage: config.target.language }) ?? '',
  })
  return { rules, judging: `${validate} ${settingsHash(fingerprint as Record<string, unknown>)}` }
}

/** A budget or rates hold for all calls together, so that one process has to make them. */
const isSingle = (settings: TranslatorConfig): boolean =>
  'slots' in settings && Object.keys({ ...settings.budget, ...settings.rates }).length > 0
