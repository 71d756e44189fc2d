import { chunkVersion } from '../core/chunking/chunk-message.ts'
import { parseVersion } from '../core/conversation/parse-message.ts'
import { metricVersions } from '../core/metrics/index.ts'
import { rankVersion } from '../core/ranking/rank.ts'
import { type ControlState, type LineSettings, liveGeneration } from '../dataflow/control.ts'
import { KalamError } from '../dataflow/error.ts'
import { settingsDifference, settingsHash } from '../dataflow/settings-hash.ts'
import type { PipelineConfig } from './config.ts'
import { scoreVersion } from './score/score-conversation.ts'
import type { TranslatorLine } from './translate/open-translator.ts'

/** Of every line, what its results depend on: functions by version, settings, and its inputs by their hash. */
export const lineSettings = (config: PipelineConfig, translators: TranslatorLine[]): LineSettings[] => {
  const hashes = new Map<string, string>()
  const lines: LineSettings[] = []
  const add = (stage: string, line: string, settings: Record<string, unknown>) => {
    lines.push({ stage, line, settings })
    hashes.set(`${stage}/${line}`, settingsHash(settings))
  }
  const input = (stage: string, line: string) => hashes.get(`${stage}/${line}`) ?? ''

  for (const { name, split, columns, language } of config.sources) add('ingest', name, { split, columns, language })
  add('pipeline', config.pipeline, { target: config.target, limits: config.limits })
  for (const [line, chunking] of Object.entries(config.chunkings)) {
    add('chunk', line, { parse: parseVersion, chunk: chunkVersion, chunking })
  }
  for (const { line, fingerprint, splits, chunking, sample, attempts } of translators) {
    add('translate', line, { fingerprint, splits, sample, attempts, input: input('chunk', chunking) })
    add('score', line, { score: scoreVersion, metrics: metricVersions, input: input('translate', line) })
  }
  for (const [line, { candidates, weights, keep }] of Object.entries(config.rankings)) {
    add('rank', line, {
      rank: rankVersion,
      weights,
      keep,
      inputs: candidates.map((candidate) => [candidate, input('score', candidate)]),
    })
  }
  return lines
}

/**
 * Compares the lines of pipeline.yaml with what they were built with: KalamError settings_changed names every setting that
 * was edited, its old and new value, and the lines that are built on an edited one.
 */
export const refuseEdited = (control: ControlState, lines: LineSettings[]): void => {
  const edited = lines.flatMap(({ stage, line, settings }) => {
    const built = liveGeneration(control, stage, line)
    if (!built || built.settings_hash === settingsHash(settings)) return []
    const differences = settingsDifference(ownSettings(JSON.parse(built.settings)), ownSettings(settings))
    return [{ name: `${stage} ${line}`, differences }]
  })
  if (edited.length === 0) return
  const changed = edited.flatMap(({ name, differences }) => differences.map((difference) => `${name}: ${difference}`))
  const followers = edited.flatMap(({ name, differences }) => (differences.length === 0 ? [name] : []))
  if (followers.length > 0) changed.push(`built on that: ${followers.join(', ')}`)
  throw new KalamError('settings_changed', `comparing pipeline.yaml with what was built:\n  ${changed.join('\n  ')}`, {
    hint: 'Put the settings back, or give the edited lines and those built on them new names: they are then built beside the old ones. kalam plan shows what would run.',
    details: { changed },
  })
}

/** A line's settings without the hashes of what it is built on. */
const ownSettings = ({ input, inputs, ...settings }: Record<string, unknown>): Record<string, unknown> => ({
  ...settings,
  ...(Array.isArray(inputs) && { candidates: inputs.map(([candidate]) => candidate) }),
})
