import type { TopicSpec } from '../dataflow/log.ts'
import type { PipelineConfig } from './config.ts'
import { topicNames } from './topics.ts'
import type { TranslatorLine } from './translate/open-translator.ts'

/** Every topic of a pipeline but control, all with its partition count. */
export const pipelineTopics = (config: PipelineConfig, translators: TranslatorLine[]): TopicSpec[] => {
  const topics = topicNames(config.pipeline)
  const names = [
    topics.messages,
    topics.deadLetters,
    ...Object.keys(config.chunkings).map((line) => topics.chunks(line)),
    ...translators.flatMap(({ line }) => [topics.translations(line), topics.scored(line)]),
    ...Object.keys(config.rankings).map((line) => topics.ranked(line)),
  ]
  return [
    ...names.map((topic) => ({ topic, partitions: config.partitions })),
    { topic: topics.sources, partitions: config.partitions, compacted: true },
  ]
}
