import type { Codec } from '../dataflow/codec.ts'
import type { LogRecord, Task } from '../dataflow/log.ts'
import { flatMapGroups } from '../dataflow/operators/flat-map-groups.ts'
import type { Input } from '../dataflow/operators/group-reader.ts'
import { mapConcurrent } from '../dataflow/operators/map-concurrent.ts'
import { mergeGroups } from '../dataflow/operators/merge-groups.ts'
import { computeLimits } from '../dataflow/operators/run-ordered.ts'
import { sink } from '../dataflow/operators/sink.ts'
import type { RecordName } from '../schemas/records.ts'
import { chunkConversation } from './chunk/chunk-conversation.ts'
import { cutterOf } from './chunk/cutter-of.ts'
import type { PipelineConfig } from './config.ts'
import { landing } from './land/landing.ts'
import type { OpenedWarehouse } from './land/warehouse.ts'
import { rankConversation } from './rank/rank-conversation.ts'
import { conversationScorer } from './score/score-conversation.ts'
import { groupName, topicNames } from './topics.ts'
import { mapChunk } from './translate/map-chunk.ts'
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
  foreign(topic: string, record: LogRecord): Promise<void>
}

/** The whole dataflow: messages → chunks → translations → scored → ranked, and each of them → warehouse. */
export const pipelineStages = ({ config, codec, translators, warehouse, foreign }: PipelineParts): StageLine[] => {
  const topics = topicNames(config.pipeline)
  const input = <Name extends RecordName>(topic: string, name: Name): Input<Name> => ({ topic, name })
  const messages = input(topics.messages, 'Message')
  const chunks = (line: string) => input(topics.chunks(line), 'Chunk')
  const translations = (line: string) => input(topics.translations(line), 'Translation')
  const scored = (line: string) => input(topics.scored(line), 'Scored')
  const ranked = (line: string) => input(topics.ranked(line), 'Ranked')
  const stage = (
    kind: StageLine['stage'],
    line: string,
    inputs: Input<RecordName>[],
    output: Input<RecordName> | undefined,
    unit: string,
    work: StageLine['work'],
  ): StageLine => ({
    stage: kind,
    line,
    group: groupName(config.pipeline, kind, line, 1),
    inputs: inputs.map(({ topic }) => topic),
    ...(output && { output: output.topic }),
    unit,
    work,
  })
  const land = (name: string, line: string, from: Input<RecordName>, unit: string): StageLine => ({
    ...stage('land', name, [from], undefined, unit, (task) =>
      sink(
        { task, codec, foreign },
        { input: from, write: landing(warehouse, from.name, line, task.partition, task.signal) },
      ),
    ),
    // Positions belong to one warehouse: another one, or an empty one, is filled from the start.
    group: groupName(config.pipeline, 'land', `${name}.${warehouse.id}`, 1),
  })

  return [
    ...Object.entries(config.chunkings).map(([line, chunking]) => {
      const cut = cutterOf(chunking)
      return stage('chunk', line, [messages], chunks(line), 'messages', (task) =>
        flatMapGroups(
          { task, codec, foreign },
          { input: messages, output: chunks(line), each: (group) => chunkConversation(group.records, cut) },
        ),
      )
    }),
    ...translators.map(({ line, chunking, slots, ...translator }) =>
      stage('translate', line, [chunks(chunking)], translations(line), 'chunks', (task) =>
        mapConcurrent(
          { task, codec, foreign },
          {
            input: chunks(chunking),
            output: translations(line),
            each: mapChunk(translator, task.signal),
            limits: { ...computeLimits, window: Math.max(1024, slots * 4), windowBytes: 64 * 2 ** 20 },
          },
        ),
      ),
    ),
    ...translators.map(({ line }) => {
      const score = conversationScorer()
      return stage('score', line, [messages, translations(line)], scored(line), 'messages', (task) =>
        mergeGroups(
          { task, codec, foreign },
          { inputs: [messages, translations(line)], output: scored(line), each: score },
        ),
      )
    }),
    ...Object.entries(config.rankings).map(([line, ranking]) => {
      const inputs = ranking.candidates.map(scored)
      return stage('rank', line, inputs, ranked(line), 'messages', (task) =>
        mergeGroups(
          { task, codec, foreign },
          { inputs, output: ranked(line), each: (groups) => [rankConversation(groups, ranking)] },
        ),
      )
    }),
    land('messages', 'messages', messages, 'messages'),
    ...translators.map(({ line }) => land(`translations.${line}`, line, translations(line), 'chunks')),
    ...translators.map(({ line }) => land(`scored.${line}`, line, scored(line), 'messages')),
    ...Object.keys(config.rankings).map((line) => land(`ranked.${line}`, line, ranked(line), 'conversations')),
    land('dead_letters', 'dead_letters', input(topics.deadLetters, 'DeadLetter'), 'records'),
  ]
}
