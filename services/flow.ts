import type { Codec } from '../dataflow/codec.ts'
import type { Task } from '../dataflow/log.ts'
import type { Input, OperatorContext } from '../dataflow/operators/group-reader.ts'
import type { RecordName } from '../schemas/records.ts'
import type { PipelineConfig } from './config.ts'
import type { OpenedWarehouse } from './land/warehouse.ts'
import { type TaskLimits, taskLimits } from './task-limits.ts'
import { groupName, topicNames } from './topics.ts'
import type { TranslatorLine } from './translate/open-translator.ts'

/** One configured line of one stage: what it reads, what it writes, and its work on one partition. */
export interface StageLine {
  stage: 'chunk' | 'translate' | 'score' | 'rank' | 'land'
  line: string
  group: string
  inputs: string[]
  output?: string
  /** What its input records are counted in. */
  unit: string
  work(task: Task): Promise<void>
}

/** What the stages work with. */
export interface PipelineParts {
  config: PipelineConfig
  codec: Codec
  translators: TranslatorLine[]
  warehouse: OpenedWarehouse
  foreign: OperatorContext['foreign']
}

/** The topics of a pipeline as inputs and outputs, what a task works with, and how a line is made of both. */
export interface Flow {
  limits: TaskLimits
  warehouse: OpenedWarehouse
  messages: Input<'Message'>
  deadLetters: Input<'DeadLetter'>
  chunks(chunking: string): Input<'Chunk'>
  translations(line: string): Input<'Translation'>
  scored(line: string): Input<'Scored'>
  ranked(ranking: string): Input<'Ranked'>
  context(task: Task): OperatorContext
  stage(
    line: Omit<StageLine, 'group' | 'inputs' | 'output'> & {
      name?: string
      from: Input<RecordName>[]
      to?: Input<RecordName>
    },
  ): StageLine
}

/** Makes the flow of a pipeline. Tasks share what the process may hold. */
export const flowOf = ({ config, codec, translators, warehouse, foreign }: PipelineParts): Flow => {
  const topics = topicNames(config.pipeline)
  const input = <Name extends RecordName>(topic: string, name: Name): Input<Name> => ({ topic, name })
  const rankings = Object.keys(config.rankings).length
  // Chunk, translate, score and rank, and one that lands behind each but chunk.
  const lines = Object.keys(config.chunkings).length + translators.length * 4 + rankings * 2 + 2
  const limits = taskLimits({
    tasks: lines * config.partitions,
    calling: translators.length * config.partitions,
  })
  return {
    limits,
    warehouse,
    messages: input(topics.messages, 'Message'),
    deadLetters: input(topics.deadLetters, 'DeadLetter'),
    chunks: (line) => input(topics.chunks(line), 'Chunk'),
    translations: (line) => input(topics.translations(line), 'Translation'),
    scored: (line) => input(topics.scored(line), 'Scored'),
    ranked: (line) => input(topics.ranked(line), 'Ranked'),
    context: (task) => ({ task, codec, foreign, readBytes: limits.readBytes }),
    stage: ({ stage, line, name = line, from, to, unit, work }) => ({
      stage,
      line,
      group: groupName(config.pipeline, stage, name, 1),
      inputs: from.map(({ topic }) => topic),
      ...(to && { output: to.topic }),
      unit,
      work,
    }),
  }
}
