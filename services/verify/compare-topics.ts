import type { ControlState } from '../../dataflow/control.ts'
import type { RecordName } from '../../schemas/records.ts'
import type { PipelineConfig } from '../config.ts'
import { topicNames } from '../topics.ts'

/** A topic whose records are equal in equal runs. */
export interface ComparedTopic {
  /** The topic's name without pipeline and generation, as both runs have it: `translations.gemma3`. */
  title: string
  topic: string
  name: RecordName
}

/** The topics of a pipeline that are compared, in the order of the flow: of its lines, the live generations. */
export const comparedTopics = (config: PipelineConfig, control: ControlState): ComparedTopic[] => {
  const topics = topicNames(config.pipeline)
  const live = [...control.generations.values()].filter(({ state }) => state === 'live')
  const ofStage = (stage: string, kind: 'chunks' | 'translations' | 'scored' | 'ranked', name: RecordName) =>
    live
      .filter((generation) => generation.stage === stage && isConfigured(config, stage, generation.line))
      .map(
        ({ line, generation }): ComparedTopic => ({
          title: `${kind}.${line}`,
          topic: topics[kind](line, generation),
          name,
        }),
      )
  return [
    { title: 'messages', topic: topics.messages, name: 'Message' },
    ...ofStage('chunk', 'chunks', 'Chunk'),
    ...ofStage('translate', 'translations', 'Translation'),
    ...ofStage('score', 'scored', 'Scored'),
    ...ofStage('rank', 'ranked', 'Ranked'),
    { title: 'dead_letters', topic: topics.deadLetters, name: 'DeadLetter' },
  ]
}

/** A line that was taken out of pipeline.yaml leaves its topics behind. */
const isConfigured = ({ chunkings, translators, rankings }: PipelineConfig, stage: string, line: string): boolean => {
  if (stage === 'chunk') return line in chunkings
  if (stage === 'rank') return line in rankings
  return line.replace(/-s\d+$/, '') in translators
}
