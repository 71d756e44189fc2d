import {
  type ControlEntry,
  type ControlState,
  generationEntry,
  generationsOf,
  type LineSettings,
  liveGeneration,
  newLines,
} from '../dataflow/control.ts'
import { KalamError } from '../dataflow/error.ts'
import type { TopicSpec } from '../dataflow/log.ts'
import type { Control } from '../schemas/records.ts'
import { type GenerationStage, generationStages, topicOf } from './generations.ts'
import { hasSettingsOf, linesAfter } from './line-settings.ts'
import { topicNames } from './topics.ts'
import { type RetryRule, retriesIn } from './translate/retries.ts'

/** The lines of pipeline.yaml, made with the hashes of inputs and the retries of translator lines that are given. */
export type MakeLines = (
  hashOf: (stage: string, line: string) => string | undefined,
  retriesOf?: (line: string) => RetryRule[],
) => LineSettings[]

/** What new generations are made with besides their settings. */
export interface NewGenerations {
  control: ControlState
  make: MakeLines
  now: number
  /** Chunks of a translator line that are to be asked anew, besides those that its live generation asked anew. */
  retry?: { line: string; rule: RetryRule }
}

/** Which conversations a replay takes. */
export type FilterFields = Pick<Control, 'only_splits' | 'row_limit' | 'ordinals_below'>

/** First generations of the lines of pipeline.yaml that have none; what is new is live at once. */
export const firstGenerations = ({ control, make, now }: NewGenerations): ControlEntry[] => {
  const fresh = newLines(
    control,
    make(() => undefined),
  )
  const targets = new Map(fresh.map(({ stage, line }) => [`${stage}/${line}`, 1]))
  return entriesOf({ control, make, now }, targets, () => ({ state: 'live' }))
}

/**
 * The next generations of a line and of all after it, building; new lines of pipeline.yaml come with them. KalamError not_found
 * when the line was never built.
 */
export const replayGenerations = (
  parts: NewGenerations,
  of: { stage: string; line: string },
  filter: FilterFields,
): ControlEntry[] => {
  const { control, make } = parts
  const lines = make(() => undefined)
  const root = `${of.stage}/${of.line}`
  if (generationsOf(control, of.stage, of.line).length === 0)
    throw new KalamError('not_found', `replaying ${root}: it was never built`, {
      hint: 'kalam run builds new lines.',
    })
  const after = new Set([root, ...linesAfter([root], lines).map(({ stage, line }) => `${stage}/${line}`)])
  const fresh = new Set(newLines(control, lines).map(({ stage, line }) => `${stage}/${line}`))
  const targets = new Map<string, number>()
  for (const { stage, line } of lines) {
    const name = `${stage}/${line}`
    if (after.has(name) || fresh.has(name)) targets.set(name, nextGeneration(control, stage, line))
  }
  const purpose = parts.retry ? 'retry' : 'replay'
  return entriesOf(parts, targets, (name) =>
    after.has(name) ? { state: 'building', purpose, ...filter } : { state: 'live' },
  )
}

/** Numbers are never used twice: positions and rows of a dropped generation must not be taken for a new one's. */
const nextGeneration = (control: ControlState, stage: string, line: string): number =>
  (generationsOf(control, stage, line).at(-1)?.generation ?? 0) + 1

const entriesOf = (
  { control, make, now, retry }: NewGenerations,
  targets: ReadonlyMap<string, number>,
  body: (name: string) => Partial<Control> & Pick<Control, 'state'>,
): ControlEntry[] => {
  const written = make(() => undefined)
  const chosen = (name: string): Control | undefined => {
    const [stage = '', line = ''] = name.split('/')
    const live = liveGeneration(control, stage, line)
    const now = written.find((one) => one.stage === stage && one.line === line)
    if (live && (!now || hasSettingsOf(live, now))) return live
    // Where pipeline.yaml is what is being built, a line built on it fits that.
    const building = generationsOf(control, stage, line).findLast(
      (one) => one.state === 'building' && now !== undefined && hasSettingsOf(one, now),
    )
    return building ?? live
  }
  /** What was asked anew once stays so, as long as the same translator is asked. */
  const retriesOf = (line: string): RetryRule[] => {
    const live = liveGeneration(control, 'translate', line)
    const present = written.find((one) => one.stage === 'translate' && one.line === line)
    const kept = live && present && hasSettingsOf(live, present) ? retriesIn(JSON.parse(live.settings)) : []
    return retry?.line === line ? [...kept, retry.rule] : kept
  }
  const lines = make((stage, line) => {
    const name = `${stage}/${line}`
    return targets.has(name) ? undefined : chosen(name)?.settings_hash
  }, retriesOf)
  return lines.flatMap((line) => {
    const name = `${line.stage}/${line.line}`
    const generation = targets.get(name)
    if (generation === undefined) return []
    const inputs = Object.fromEntries(
      (line.reads ?? []).map((read) => [read, targets.get(read) ?? chosen(read)?.generation ?? 1]),
    )
    return [generationEntry(line, { generation, inputs, created_at: now, ...body(name) })]
  })
}

/** The topics of control records, with the pipeline's partition count. */
export const generationTopics = (
  pipeline: string,
  partitions: number,
  generations: Iterable<Pick<Control, 'stage' | 'line' | 'generation' | 'state'>>,
): TopicSpec[] =>
  [...generations]
    .filter(({ stage, state }) => isGenerationStage(stage) && (state === 'live' || state === 'building'))
    .map(({ stage, line, generation }) => ({
      topic: topicOf(pipeline, { stage: stage as GenerationStage, line, generation }),
      partitions,
    }))

const isGenerationStage = (stage: string): stage is GenerationStage =>
  (generationStages as readonly string[]).includes(stage)

/** The topics that every pipeline has, besides control. */
export const sourceTopics = (pipeline: string, partitions: number): TopicSpec[] => {
  const topics = topicNames(pipeline)
  return [
    { topic: topics.messages, partitions },
    { topic: topics.deadLetters, partitions },
    { topic: topics.sources, partitions, compacted: true },
  ]
}
