import { resolve } from 'node:path'
import type { ChunkingConfig, PipelineConfig, TranslatorConfig } from './config.ts'

/** The pipeline with every path absolute: relative ones start from pipeline.yaml's folder. */
export const resolvePipeline = (config: PipelineConfig, base: string): PipelineConfig => ({
  ...config,
  state: resolve(base, config.state),
  out: resolve(base, config.out),
  sources: config.sources.map((source) => ({ ...source, path: resolve(base, source.path) })),
  chunkings: mapValues(config.chunkings, (chunking) => resolveChunking(chunking, base)),
  translators: mapValues(config.translators, (translator) => resolveTranslator(translator, base)),
})

const resolveChunking = (chunking: ChunkingConfig, base: string): ChunkingConfig =>
  chunking.tokenizer === 'llama3.1' ? chunking : { ...chunking, tokenizer: resolve(base, chunking.tokenizer) }

const resolveTranslator = (translator: TranslatorConfig, base: string): TranslatorConfig =>
  translator.backend === 'recorded' ? { ...translator, file: resolve(base, translator.file) } : translator

const mapValues = <T>(values: Record<string, T>, change: (value: T) => T): Record<string, T> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]))
