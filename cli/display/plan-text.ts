import { formatBytes, formatCount, formatNumber } from '../../core/report/format.ts'
import { visibleLine } from '../../core/report/visible-text.ts'
import type {
  ChunkingConfig,
  PipelineConfig,
  RankingConfig,
  SourceConfig,
  TranslatorConfig,
} from '../../services/config.ts'
import { configuredLines } from '../../services/report/configured-lines.ts'
import { cell, cut } from './cells.ts'

/** One line of a plan. */
export interface PlanLine {
  stage: string
  line: string
  /** What its settings say, in a few words. */
  about: string
}

/** Files of a source that a run would read. */
export interface PlannedFiles {
  count: number
  bytes: number
}

/** Every line of a pipeline in the order of the dataflow. */
export const planLines = (config: PipelineConfig, files: ReadonlyMap<string, PlannedFiles>): PlanLine[] => [
  ...config.sources.map((source) => ({
    stage: 'ingest',
    line: source.name,
    about: sourceText(source, files.get(source.name)),
  })),
  ...Object.entries(config.chunkings).map(([line, chunking]) => ({
    stage: 'chunk',
    line,
    about: chunkingText(chunking),
  })),
  ...configuredLines(config).map(({ line, settings }) => ({
    stage: 'translate',
    line,
    about: translatorText(settings),
  })),
  ...configuredLines(config).map(({ line }) => ({ stage: 'score', line, about: '' })),
  ...Object.entries(config.rankings).map(([line, ranking]) => ({ stage: 'rank', line, about: rankingText(ranking) })),
]

/** A plan for a person; `states` says of each line what a run would do with it. */
export const planText = (lines: readonly PlanLine[], states: (line: PlanLine) => string, columns: number): string =>
  lines
    .map((line) => {
      const text = `${cell(line.stage, 11)}${cell(line.line, 26)}${cell(states(line), 12)}${visibleLine(line.about)}`
      return `${cut(text, Math.max(60, columns)).trimEnd()}\n`
    })
    .join('')

const sourceText = ({ path }: SourceConfig, files: PlannedFiles | undefined): string =>
  files ? `${path}: ${formatCount(files.count, 'file')}, ${formatBytes(files.bytes)}` : path

const chunkingText = (chunking: ChunkingConfig): string =>
  chunking.by === 'tokens'
    ? `about ${chunking.target} tokens, at most ${chunking.limit} with the prompt`
    : `${formatCount(chunking.count, 'line')}, at most ${formatNumber(chunking.limit)} tokens`

const translatorText = (settings: TranslatorConfig): string => {
  const { backend, chunking, splits } = settings
  const what = {
    openai: () =>
      settings.backend === 'openai'
        ? `${settings.model} by ${settings.api}, temperature ${settings.sampling.temperature}`
        : '',
    recorded: () => (settings.backend === 'recorded' ? `answers from ${settings.file}` : ''),
    exec: () => (settings.backend === 'exec' ? `the program ${settings.command.join(' ')}` : ''),
    module: () => (settings.backend === 'module' ? `the module ${settings.module}` : ''),
    pseudo: () => '! pseudo, no translation',
  }[backend]()
  const only = splits.only ? `, only ${splits.only.join(', ')}` : ''
  const except = splits.except ? `, not ${splits.except.join(', ')}` : ''
  return `${what}; reads ${chunking}${only}${except}`
}

const rankingText = ({ candidates, keep }: RankingConfig): string => {
  const gates = [
    ...(keep.complete ? ['complete'] : []),
    ...Object.entries({ lr: keep.lr, scr: keep.scr, ...keep.metrics }).flatMap(([metric, gate]) =>
      gate === undefined ? [] : [`${metric} ${gate}`],
    ),
  ]
  return `${candidates.join(', ')}; keeps ${gates.join(', ') || 'everything'}`
}
