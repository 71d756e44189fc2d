import { chunkVersion } from '../core/chunking/chunk-message.ts'
import { parseVersion } from '../core/conversation/parse-message.ts'
import { metricVersions } from '../core/metrics/index.ts'
import { rankVersion } from '../core/ranking/rank.ts'
import { type ControlState, generationsOf, type LineSettings } from '../dataflow/control.ts'
import { KalamError } from '../dataflow/error.ts'
import { canonicalJson, settingsDifference, settingsHash } from '../dataflow/settings-hash.ts'
import type { Control } from '../schemas/records.ts'
import type { PipelineConfig } from './config.ts'
import { scoreVersion } from './score/score-conversation.ts'
import type { TranslatorLine } from './translate/open-translator.ts'
import type { RetryRule } from './translate/retries.ts'

/**
 * Of every line, what its results depend on: functions by version, settings, and its inputs by their hash. `hashOf` gives the
 * hash of an input that is not the one of pipeline.yaml.
 */
export const lineSettings = (
  config: PipelineConfig,
  translators: TranslatorLine[],
  hashOf: (stage: string, line: string) => string | undefined = () => undefined,
  retriesOf: (line: string) => RetryRule[] = () => [],
): LineSettings[] => {
  const hashes = new Map<string, string>()
  const lines: LineSettings[] = []
  const add = (stage: string, line: string, settings: Record<string, unknown>, more: Partial<LineSettings> = {}) => {
    lines.push({ stage, line, settings, ...more })
    hashes.set(`${stage}/${line}`, settingsHash(settings))
  }
  const input = (stage: string, line: string) => hashOf(stage, line) ?? hashes.get(`${stage}/${line}`) ?? ''

  for (const { name, split, columns, language } of config.sources) add('ingest', name, { split, columns, language })
  const limits = { conversation_bytes: config.limits.conversation_bytes }
  add('pipeline', config.pipeline, { target: config.target, limits })
  for (const [line, chunking] of Object.entries(config.chunkings)) {
    add('chunk', line, { parse: parseVersion, chunk: chunkVersion, chunking }, { reads: [] })
  }
  for (const { line, fingerprint, splits, chunking, sample, rules, recipe } of translators) {
    const retries = retriesOf(line)
    const asked = { attempts: rules.attempts, ...(retries.length > 0 && { retries }) }
    const settings = { fingerprint, splits, sample, ...asked, input: input('chunk', chunking) }
    add('translate', line, settings, { recipe, reads: [`chunk/${chunking}`] })
    const scored = { score: scoreVersion, metrics: metricVersions, input: input('translate', line) }
    add('score', line, scored, { reads: [`translate/${line}`] })
  }
  for (const [line, { candidates, weights, keep }] of Object.entries(config.rankings)) {
    const inputs = candidates.map((candidate) => [candidate, input('score', candidate)])
    add('rank', line, { rank: rankVersion, weights, keep, inputs }, { reads: candidates.map((one) => `score/${one}`) })
  }
  return lines
}

/** A line whose settings in pipeline.yaml are those of none of its generations that run. */
export interface EditedLine {
  stage: string
  line: string
  /** Each edit, with its old and new value, against the live generation. */
  differences: string[]
}

/** The lines that were edited. What is built on them is not listed: its own settings are as they were. */
export const editedLines = (control: ControlState, lines: readonly LineSettings[]): EditedLine[] =>
  lines.flatMap((line) => {
    const built = generationsOf(control, line.stage, line.line).filter(
      ({ state }) => state === 'live' || state === 'building',
    )
    if (built.length === 0 || built.some((one) => hasSettingsOf(one, line))) return []
    const against = built.find(({ state }) => state === 'live') ?? built[0]!
    return [{ stage: line.stage, line: line.line, differences: differencesOf(against, line) }]
  })

/** Whether a generation was built with a line's settings, whatever it reads was built with. */
export const hasSettingsOf = (built: Control, line: LineSettings): boolean => {
  const chunkingOf = (recipe: { chunking?: unknown } | undefined) => recipe?.chunking
  const known = built.recipe === '' ? undefined : (JSON.parse(built.recipe) as { chunking?: unknown })
  return (
    canonicalJson(ownSettings(JSON.parse(built.settings))) === canonicalJson(ownSettings(line.settings)) &&
    (known === undefined || chunkingOf(known) === chunkingOf(line.recipe))
  )
}

const differencesOf = (built: Control, line: LineSettings): string[] => {
  const recipe = built.recipe === '' ? {} : settingsOf(JSON.parse(built.recipe))
  const recipes = built.recipe === '' ? [] : settingsDifference(recipe, settingsOf(line.recipe ?? {}))
  const own = settingsDifference(ownSettings(JSON.parse(built.settings)), ownSettings(line.settings))
  const told = own.filter((difference) => !difference.startsWith('fingerprint: '))
  const all = [...recipes, ...told]
  return all.length > 0 ? all : ['its answers, prompt or code are others than before']
}

const settingsOf = ({ translator, ...recipe }: Record<string, unknown>): Record<string, unknown> => recipe

/** Lines of pipeline.yaml that read one of these, over any number of steps. */
export const linesAfter = (names: readonly string[], lines: readonly LineSettings[]): LineSettings[] => {
  const after = new Set(names)
  // Lines stand in the order of the dataflow.
  const found = lines.filter(({ stage, line, reads = [] }) => {
    const name = `${stage}/${line}`
    if (after.has(name) || !reads.some((read) => after.has(read))) return false
    after.add(name)
    return true
  })
  return found
}

/**
 * Compares the lines of pipeline.yaml with what they were built with: KalamError settings_changed names every setting that
 * was edited, its old and new value, and the lines that are built on an edited one.
 */
export const refuseEdited = (control: ControlState, lines: readonly LineSettings[]): void => {
  const edited = editedLines(control, lines)
  if (edited.length === 0) return
  const changed = edited.flatMap(({ stage, line, differences }) =>
    differences.map((difference) => `${stage} ${line}: ${difference}`),
  )
  const names = edited.map(({ stage, line }) => `${stage}/${line}`)
  const followers = linesAfter(names, lines).map(({ stage, line }) => `${stage} ${line}`)
  if (followers.length > 0) changed.push(`built on that: ${followers.join(', ')}`)
  throw new KalamError('settings_changed', `comparing pipeline.yaml with what was built:\n  ${changed.join('\n  ')}`, {
    hint: editedHint(edited),
    details: { changed },
  })
}

const editedHint = (edited: readonly EditedLine[]): string => {
  const fixed = edited.some(({ stage }) => stage === 'ingest' || stage === 'pipeline')
  if (fixed)
    return 'Put the settings back. How rows come in cannot change: a source that is read otherwise gets a new name, a pipeline another state folder.'
  const replays = edited.map(({ stage, line }) => `kalam replay ${stage === 'score' ? `${stage}/${line}` : line}`)
  return `Put the settings back, give the edited lines new names, or build them and those after them anew beside the old ones:
  ${replays.join('\n  ')}
kalam plan shows what would run.`
}

/** A line's settings without the hashes of what it is built on, and without what was asked anew. */
const ownSettings = ({ input, inputs, retries, ...settings }: Record<string, unknown>): Record<string, unknown> => ({
  ...settings,
  ...(Array.isArray(inputs) && { candidates: inputs.map(([candidate]) => candidate) }),
})
