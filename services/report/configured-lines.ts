import type { PipelineConfig, TranslatorConfig } from '../config.ts'

/** A translator line as pipeline.yaml has it. */
export interface ConfiguredLine {
  line: string
  /** Its translator, whose samples are lines too. */
  translator: string
  settings: TranslatorConfig
  /** The model's name; empty where the backend has none. */
  model: string
}

/** Every translator line in the order of pipeline.yaml: each translator and its samples. */
export const configuredLines = ({ translators }: PipelineConfig): ConfiguredLine[] =>
  Object.entries(translators).flatMap(([name, settings]) => {
    const samples = 'samples' in settings ? settings.samples : 1
    const model = settings.backend === 'openai' ? settings.model : ''
    return Array.from({ length: samples }, (_, sample) => ({
      line: sample === 0 ? name : `${name}-s${sample}`,
      translator: name,
      settings,
      model,
    }))
  })
