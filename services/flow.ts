import type { Codec } from '../dataflow/codec.ts'
import type { ControlState } from '../dataflow/control.ts'
import type { Log, Task } from '../dataflow/log.ts'
import type { Input, OperatorContext } from '../dataflow/operators/group-reader.ts'
import type { RecordName } from '../schemas/records.ts'
import type { PipelineConfig } from './config.ts'
import type { Generation } from './generations.ts'
import type { OpenedWarehouse } from './land/warehouse.ts'
import { type TaskLimits, taskLimits } from './task-limits.ts'
import { groupName, topicNames } from './topics.ts'
import type { Stand } from './translate/calls/standing.ts'
import type { TranslatorLine } from './translate/open-translator.ts'

/** One generation of one line of one stage: what it reads, what it writes, and its work on one partition. */
export interface StageLine {
  stage: 'chunk' | 'translate' | 'score' | 'rank' | 'land'
  line: string
  generation: number
  /** Whether it is live, or being built beside the live one. Landing is as the generation whose topic it reads. */
  state: 'live' | 'building'
  group: string
  inputs: string[]
  output?: string
  /** What its input records are counted in. */
  unit: string
  /** Why its tasks do not run for now: the line pauses, waits for its successor, or for somebody's help. */
  standsStill?: 'paused' | 'held' | 'stopped'
  /** Distinguishes ways of work that a running task does not change between: it is started anew. */
  mode?: string
  /** Whether one process has to run all its tasks. */
  isSingle?: boolean
  /** Whether it waits for somebody's help: a refused key, a used-up budget. */
  stand?: Stand | undefined
  work(task: Task): Promise<void>
}

/** What the stages work with. */
export interface PipelineParts {
  /** Folder of pipeline.yaml, from which the path of a tokenizer starts. */
  base: string
  log: Log
  codec: Codec
  warehouse: OpenedWarehouse
  /** As pipeline.yaml and the control topic are now. */
  config(): PipelineConfig
  control(): ControlState
  /** Opens a translator line as it was built; KalamError when that cannot be done. */
  translator(generation: Generation): TranslatorLine
  foreign: OperatorContext['foreign']
}

/** The topics of a pipeline as inputs and outputs, what a task works with, and how a line is made of both. */
export interface Flow {
  base: string
  /** Shared over the running lines by `share`, and read anew at every use. */
  limits: TaskLimits
  log: Log
  codec: Codec
  warehouse: OpenedWarehouse
  messages: Input<'Message'>
  deadLetters: Input<'DeadLetter'>
  chunks(chunking: string, generation: number): Input<'Chunk'>
  translations(line: string, generation: number): Input<'Translation'>
  scored(line: string, generation: number): Input<'Scored'>
  ranked(ranking: string, generation: number): Input<'Ranked'>
  context(task: Task): OperatorContext
  /** Shares what the process may hold over these lines. */
  share(lines: readonly StageLine[]): void
  stage(
    line: Omit<StageLine, 'group' | 'inputs' | 'output'> & {
      name?: string
      from: Input<RecordName>[]
      to?: Input<RecordName>
    },
  ): StageLine
}

/** Makes the flow of a pipeline. Tasks share what the process may hold. */
export const flowOf = ({ base, config, log, codec, warehouse, foreign }: PipelineParts): Flow => {
  const { pipeline, partitions } = config()
  const topics = topicNames(pipeline)
  const input = <Name extends RecordName>(topic: string, name: Name): Input<Name> => ({ topic, name })
  const limits = taskLimits({ tasks: partitions, calling: partitions })
  return {
    base,
    limits,
    log,
    codec,
    warehouse,
    messages: input(topics.messages, 'Message'),
    deadLetters: input(topics.deadLetters, 'DeadLetter'),
    chunks: (line, generation) => input(topics.chunks(line, generation), 'Chunk'),
    translations: (line, generation) => input(topics.translations(line, generation), 'Translation'),
    scored: (line, generation) => input(topics.scored(line, generation), 'Scored'),
    ranked: (line, generation) => input(topics.ranked(line, generation), 'Ranked'),
    context: (task) => ({ task, codec, foreign, readBytes: limits.readBytes }),
    share(lines) {
      const calling = lines.filter(({ stage }) => stage === 'translate').length
      const { readBytes, compute, calls } = taskLimits({
        tasks: lines.length * partitions,
        calling: calling * partitions,
      })
      limits.readBytes = readBytes
      Object.assign(limits.compute, compute)
      Object.assign(limits.calls, calls)
    },
    stage: ({ name = '', from, to, ...line }) => ({
      ...line,
      group: groupName(pipeline, line.stage, name || line.line, line.generation),
      inputs: from.map(({ topic }) => topic),
      ...(to && { output: to.topic }),
    }),
  }
}
