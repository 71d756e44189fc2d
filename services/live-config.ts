import { type ControlState, liveGeneration } from '../dataflow/control.ts'
import { canonicalJson } from '../dataflow/settings-hash.ts'
import type { ChunkingConfig, PipelineConfig, RankingConfig, TranslatorConfig } from './config.ts'
import { generationOf } from './generations.ts'
import { withRecipe } from './translate/recipe.ts'

/**
 * pipeline.yaml with the settings that its live generations were built with: what readers show comes of them, whatever was edited since.
 * A translator whose backend was changed stays as it is in the file.
 */
export const liveConfig = (config: PipelineConfig, control: ControlState): PipelineConfig => {
  const live = (stage: string, line: string) => {
    const record = liveGeneration(control, stage, line)
    return record && generationOf(record, config)
  }
  const chunking = (line: string, own: ChunkingConfig): ChunkingConfig =>
    (live('chunk', line)?.settings.chunking as ChunkingConfig | undefined) ?? own
  const translator = (line: string, own: TranslatorConfig): TranslatorConfig => {
    const built = live('translate', line)
    return (built && withRecipe(own, built.recipe)[0]) ?? own
  }
  const ranking = (line: string, own: RankingConfig): RankingConfig => {
    const built = live('rank', line)
    if (!built) return own
    const { weights, keep } = built.settings as Pick<RankingConfig, 'weights' | 'keep'>
    return { ...own, weights, keep, candidates: built.inputs.map((input) => input.line) }
  }
  const each = <Value>(of: Record<string, Value>, as: (line: string, own: Value) => Value): Record<string, Value> =>
    Object.fromEntries(Object.entries(of).map(([line, own]) => [line, as(line, own)]))
  return {
    ...config,
    chunkings: each(config.chunkings, chunking),
    translators: each(config.translators, translator),
    rankings: each(config.rankings, ranking),
  }
}

/** The lines, as `rank release`, that two readings of a pipeline have with other settings. */
export const differingLines = (a: PipelineConfig, b: PipelineConfig): string[] =>
  (
    [
      ['chunk', a.chunkings, b.chunkings],
      ['translate', a.translators, b.translators],
      ['rank', a.rankings, b.rankings],
    ] as const
  ).flatMap(([stage, ours, theirs]) =>
    Object.keys(ours)
      .filter((line) => canonicalJson(plain(ours[line])) !== canonicalJson(plain(theirs[line])))
      .map((line) => `${stage} ${line}`),
  )

/** Without what is undefined, as JSON has it. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
