import { flatMapGroups } from '../dataflow/operators/flat-map-groups.ts'
import type { Input } from '../dataflow/operators/group-reader.ts'
import { mapConcurrent } from '../dataflow/operators/map-concurrent.ts'
import { mergeGroups } from '../dataflow/operators/merge-groups.ts'
import { sink } from '../dataflow/operators/sink.ts'
import type { RecordName } from '../schemas/records.ts'
import { chunkConversation } from './chunk/chunk-conversation.ts'
import { cutterOf } from './chunk/cutter-of.ts'
import type { ChunkingConfig, RankingConfig } from './config.ts'
import { type Flow, flowOf, type PipelineParts, type StageLine } from './flow.ts'
import { landing } from './land/landing.ts'
import { rankConversation } from './rank/rank-conversation.ts'
import { conversationScorer } from './score/score-conversation.ts'
import { mapChunk } from './translate/map-chunk.ts'
import type { TranslatorLine } from './translate/open-translator.ts'

/** The whole dataflow: messages → chunks → translations → scored → ranked, and each of them → warehouse. */
export const pipelineStages = (parts: PipelineParts): StageLine[] => {
  const { config, translators } = parts
  const flow = flowOf(parts)
  const rankings = Object.entries(config.rankings)
  return [
    ...Object.entries(config.chunkings).map(([line, chunking]) => chunkLine(flow, line, chunking)),
    ...translators.map((translator) => translateLine(flow, translator)),
    ...translators.map(({ line }) => scoreLine(flow, line)),
    ...rankings.map(([line, ranking]) => rankLine(flow, line, ranking)),
    landLine(flow, flow.messages, 'messages', 'messages', 'messages'),
    ...translators.map(({ line }) => landLine(flow, flow.translations(line), `translations.${line}`, line, 'chunks')),
    ...translators.map(({ line }) => landLine(flow, flow.scored(line), `scored.${line}`, line, 'messages')),
    ...rankings.map(([line]) => landLine(flow, flow.ranked(line), `ranked.${line}`, line, 'conversations')),
    landLine(flow, flow.deadLetters, 'dead_letters', 'dead_letters', 'records'),
  ]
}

/** messages → chunks.<chunking> */
const chunkLine = ({ stage, context, messages, chunks, limits }: Flow, line: string, chunking: ChunkingConfig) => {
  const cut = cutterOf(chunking)
  const options = { input: messages, output: chunks(line), limits: limits.compute }
  return stage({
    ...{ stage: 'chunk', line, from: [messages], to: chunks(line), unit: 'messages' },
    work: (task) =>
      flatMapGroups(context(task), { ...options, each: ({ records }) => chunkConversation(records, cut) }),
  })
}

/** chunks.<chunking> → translations.<line> */
const translateLine = ({ stage, context, chunks, translations, limits }: Flow, translator: TranslatorLine) => {
  const { line, chunking, slots } = translator
  const window = Math.max(limits.calls.window, slots * 4)
  const options = { input: chunks(chunking), output: translations(line), limits: { ...limits.calls, window } }
  return stage({
    ...{ stage: 'translate', line, from: [chunks(chunking)], to: translations(line), unit: 'chunks' },
    work: (task) => mapConcurrent(context(task), { ...options, each: mapChunk(translator, task.signal) }),
  })
}

/** messages + translations.<line> → scored.<line> */
const scoreLine = ({ stage, context, messages, translations, scored, limits }: Flow, line: string) => {
  const inputs = [messages, translations(line)] as const
  const options = { inputs, output: scored(line), limits: limits.compute, each: conversationScorer() }
  return stage({
    ...{ stage: 'score', line, from: [...inputs], to: scored(line), unit: 'messages' },
    work: (task) => mergeGroups(context(task), options),
  })
}

/** scored.<line> of every candidate → ranked.<ranking> */
const rankLine = ({ stage, context, scored, ranked, limits }: Flow, line: string, ranking: RankingConfig) => {
  const inputs = ranking.candidates.map(scored)
  const options = { inputs, output: ranked(line), limits: limits.compute }
  return stage({
    ...{ stage: 'rank', line, from: inputs, to: ranked(line), unit: 'messages' },
    work: (task) => mergeGroups(context(task), { ...options, each: (groups) => [rankConversation(groups, ranking)] }),
  })
}

/** A topic → its tables. Positions belong to one warehouse: another one, or an empty one, is filled from the start. */
const landLine = <Name extends RecordName>(
  { stage, context, warehouse }: Flow,
  input: Input<Name>,
  name: string,
  line: string,
  unit: string,
) =>
  stage({
    ...{ stage: 'land', line: name, name: `${name}.${warehouse.id}`, from: [input], unit },
    work: (task) =>
      sink(context(task), { input, write: landing(warehouse, input.name, line, task.partition, task.signal) }),
  })
