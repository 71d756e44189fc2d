import type { ControlState } from '../dataflow/control.ts'
import { generationsOf, liveGeneration } from '../dataflow/control.ts'
import type { Control } from '../schemas/records.ts'
import type { PipelineConfig } from './config.ts'
import { configuredLines } from './report/configured-lines.ts'
import { filterOf, type RowFilter } from './row-filter.ts'
import { topicNames } from './topics.ts'

/** Stages whose lines have generations, in the order of the dataflow. */
export const generationStages = ['chunk', 'translate', 'score', 'rank'] as const
/** One of them. */
export type GenerationStage = (typeof generationStages)[number]

/** A generation of a line by name. */
export interface GenerationRef {
  stage: GenerationStage
  line: string
  generation: number
}

/** A generation with all that its work is made of, from its control record. */
export interface Generation extends GenerationRef {
  state: string
  /** A live one that stands still while its successor passes it. */
  held: boolean
  settings: Record<string, unknown>
  recipe: Record<string, unknown>
  /** The generations it reads, in their order; messages are read by all and not listed. */
  inputs: GenerationRef[]
  filter: RowFilter | undefined
}

/** Key of a generation, as its control record has it. */
export const refKey = ({ stage, line, generation }: GenerationRef): string => `${stage}/${line}/g${generation}`

/** A generation for a person: `chunk lines25`, with its number above the first. */
export const refText = ({ stage, line, generation }: GenerationRef): string =>
  `${stage} ${line}${generation > 1 ? ` generation ${generation}` : ''}`

/** Reads a control record. Those of earlier versions do not say what a translator reads: there pipeline.yaml does. */
export const generationOf = (control: Control, config: PipelineConfig): Generation => {
  const stage = control.stage as GenerationStage
  const settings = JSON.parse(control.settings || '{}') as Record<string, unknown>
  const recipe = JSON.parse(control.recipe || '{}') as Record<string, unknown>
  const { line, generation, state, held, inputs } = control
  const reads = readsOf(stage, line, settings, recipe, config)
  return {
    ...{ stage, line, generation, state, held, settings, recipe },
    inputs: reads.map((input) => ({ ...input, generation: inputs[`${input.stage}/${input.line}`] ?? 1 })),
    filter: filterOf(control),
  }
}

const readsOf = (
  stage: GenerationStage,
  line: string,
  settings: Record<string, unknown>,
  recipe: Record<string, unknown>,
  config: PipelineConfig,
): Omit<GenerationRef, 'generation'>[] => {
  if (stage === 'score') return [{ stage: 'translate', line }]
  if (stage === 'rank')
    return ((settings.inputs ?? []) as [string, string][]).map(([candidate]) => ({ stage: 'score', line: candidate }))
  if (stage === 'chunk') return []
  const configured = configuredLines(config).find((one) => one.line === line)?.settings.chunking
  const chunking = typeof recipe.chunking === 'string' ? recipe.chunking : configured
  return chunking === undefined ? [] : [{ stage: 'chunk', line: chunking }]
}

/** The lines of pipeline.yaml that have generations, in the order of the dataflow. */
export const linesOf = (config: PipelineConfig): Omit<GenerationRef, 'generation'>[] => {
  const translators = configuredLines(config).map(({ line }) => line)
  const of = (stage: GenerationStage, lines: string[]) => lines.map((line) => ({ stage, line }))
  return [
    ...of('chunk', Object.keys(config.chunkings)),
    ...of('translate', translators),
    ...of('score', translators),
    ...of('rank', Object.keys(config.rankings)),
  ]
}

/** What is to be run: the building and live generations of the lines of pipeline.yaml, in the order of the dataflow. */
export const currentGenerations = (control: ControlState, config: PipelineConfig): Generation[] =>
  linesOf(config).flatMap(({ stage, line }) =>
    generationsOf(control, stage, line)
      .filter(({ state }) => state === 'live' || state === 'building')
      .map((record) => generationOf(record, config)),
  )

/**
 * Lines with a building or live generation that pipeline.yaml does not have, as it was read: it has been edited since, or they
 * were taken out of it.
 */
export const unknownLines = (control: ControlState, config: PipelineConfig): { stage: string; line: string }[] => {
  const known = new Set(linesOf(config).map(({ stage, line }) => `${stage}/${line}`))
  return [...control.generations.values()].filter(
    ({ state, stage, line }) => (state === 'live' || state === 'building') && !known.has(`${stage}/${line}`),
  )
}

/** What readers read: the live generations of the lines of pipeline.yaml, in the order of the dataflow. */
export const liveGenerations = (control: ControlState, config: PipelineConfig): Generation[] =>
  linesOf(config).flatMap(({ stage, line }) => {
    const live = liveGeneration(control, stage, line)
    return live ? [generationOf(live, config)] : []
  })

/** The topic that a generation writes. */
export const topicOf = (pipeline: string, { stage, line, generation }: GenerationRef): string => {
  const topics = topicNames(pipeline)
  const kinds = { chunk: topics.chunks, translate: topics.translations, score: topics.scored, rank: topics.ranked }
  return kinds[stage](line, generation)
}
