import { chunkVersion } from '../core/chunking/chunk-message.ts'
import { parseVersion } from '../core/conversation/parse-message.ts'
import { metricVersions } from '../core/metrics/index.ts'
import { rankVersion } from '../core/ranking/rank.ts'
import type { LineSettings } from '../dataflow/control.ts'
import { settingsHash } from '../dataflow/settings-hash.ts'
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
