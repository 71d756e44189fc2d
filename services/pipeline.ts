import { flatMapGroups } from '../dataflow/operators/flat-map-groups.ts'
import type { Input } from '../dataflow/operators/group-reader.ts'
import { mapConcurrent } from '../dataflow/operators/map-concurrent.ts'
import { mergeGroups } from '../dataflow/operators/merge-groups.ts'
import { sink } from '../dataflow/operators/sink.ts'
import type { RecordName } from '../schemas/records.ts'
import { chunkConversation, filteredChunk } from './chunk/chunk-conversation.ts'
import { cutterOf } from './chunk/cutter-of.ts'
import type { ChunkingConfig, RankingConfig } from './config.ts'
import type { Flow, StageLine } from './flow.ts'
import type { Generation, GenerationRef } from './generations.ts'
import { landing } from './land/landing.ts'
import { filteredVerdict, rankConversation } from './rank/rank-conversation.ts'
import { takes } from './row-filter.ts'
import { conversationScorer, filteredScore } from './score/score-conversation.ts'
import { paidCounter } from './translate/count-paid.ts'
import { mapChunk } from './translate/map-chunk.ts'
import type { TranslatorLine } from './translate/open-translator.ts'
import { type TranslateTurn, translateTask } from './translate/translate-task.ts'

/** What of a generation shows on its stage line. */
export type LineState = Pick<StageLine, 'generation' | 'state' | 'standsStill' | 'mode'>

/** messages → chunks.<chunking>: every message is cut into chunks. */
export const chunkLine = (flow: Flow, { line, settings, filter }: Generation, state: LineState): StageLine => {
  const { messages, limits, context } = flow
  const chunks = flow.chunks(line, state.generation)
  const options = { input: messages, output: chunks, limits: limits.compute }
  return flow.stage({
    ...{ ...state, stage: 'chunk', line, from: [messages], to: chunks, unit: 'messages' },
    work: (task) => {
      const cut = cutterOf(settings.chunking as ChunkingConfig, flow.base)
      return flatMapGroups(context(task), {
        ...options,
        each: ({ id, ordinal, records }) =>
          takes(filter, { id, ordinal, partition: task.partition })
            ? chunkConversation(records, cut)
            : [filteredChunk(records)],
      })
    },
  })
}

/** chunks.<chunking> → translations.<line>: every chunk gets its terminal record. */
export const translateLine = (
  flow: Flow,
  { filter, inputs }: Generation,
  state: LineState,
  { translator, turn }: { translator: TranslatorLine; turn: TranslateTurn },
): StageLine => {
  const { line, slots } = translator
  const { limits, context } = flow
  const chunks = flow.chunks(inputs[0]!.line, inputs[0]!.generation)
  const translations = flow.translations(line, state.generation)
  const calls = {
    ...limits.calls,
    get window() {
      return Math.max(limits.calls.window, slots * 4)
    },
    get windowBytes() {
      return limits.calls.windowBytes
    },
  }
  const paidCounted = translator.paidFrom && paidCounter(flow, translations.topic, translator.paidFrom)
  return flow.stage({
    ...{ isSingle: translator.isSingle, stand: translator.stand },
    ...{ ...state, stage: 'translate', line, from: [chunks], to: translations, unit: 'chunks' },
    work: async (task) => {
      const { bounded, last } = await translateTask(flow.log, task, translations.topic, turn)
      await paidCounted?.(task.signal)
      const skipping = {
        takes: ({ id, ordinal }: { id: string; ordinal: number }) =>
          takes(filter, { id, ordinal, partition: task.partition }),
        ...{ isPaused: turn.isSkipping, last },
      }
      const each = mapChunk(translator, task.signal, skipping)
      const { starts } = translator
      const next = starts && !turn.isSkipping ? () => starts.free(task.signal) : undefined
      await mapConcurrent(context(bounded), { input: chunks, output: translations, limits: calls, each, turn: next })
    },
  })
}

/** messages + translations.<line> → scored.<line>: every candidate is rebuilt and scored. */
export const scoreLine = (flow: Flow, { line, filter, inputs: [from] }: Generation, state: LineState): StageLine => {
  const { messages, limits, context } = flow
  const inputs = [messages, flow.translations(line, from!.generation)] as const
  const output = flow.scored(line, state.generation)
  return flow.stage({
    ...{ ...state, stage: 'score', line, from: [...inputs], to: output, unit: 'messages' },
    work: (task) => {
      const score = conversationScorer()
      return mergeGroups(context(task), {
        ...{ inputs, output, limits: limits.compute },
        each: (groups, id) => {
          const ordinal = groups[0]?.ordinal ?? 0
          return takes(filter, { id, ordinal, partition: task.partition }) ? score(groups) : [filteredScore(groups[0])]
        },
      })
    },
  })
}

/** scored.<line> of every candidate → ranked.<ranking>: every conversation gets its verdict. */
export const rankLine = (flow: Flow, { line, settings, inputs, filter }: Generation, state: LineState): StageLine => {
  const { limits, context } = flow
  const scored = inputs.map((input) => flow.scored(input.line, input.generation))
  const output = flow.ranked(line, state.generation)
  const { weights, keep } = settings as Pick<RankingConfig, 'weights' | 'keep'>
  const ranking = { weights, keep, candidates: inputs.map((input) => input.line) }
  return flow.stage({
    ...{ ...state, stage: 'rank', line, from: scored, to: output, unit: 'messages' },
    work: (task) =>
      mergeGroups(context(task), {
        ...{ inputs: scored, output, limits: limits.compute },
        each: (groups, id) => {
          const ordinal = groups.find((group) => group)?.ordinal ?? 0
          const isTaken = takes(filter, { id, ordinal, partition: task.partition })
          return [isTaken ? rankConversation(groups, ranking) : filteredVerdict()]
        },
      }),
  })
}

/** A topic → its tables. Positions belong to one warehouse: another one, or an empty one, is filled from the start. */
export const landLine = <Name extends RecordName>(
  { stage, context, warehouse }: Flow,
  input: Input<Name>,
  at: { name: string; line: string; unit: string },
  state: LineState,
): StageLine => {
  const { name, line, unit } = at
  return stage({
    ...{ ...state, stage: 'land', line: name, name: `${name}.${warehouse.id}`, from: [input], unit },
    work: (task) => {
      const origin = { line, generation: state.generation, partition: task.partition }
      return sink(context(task), { input, ...landing(warehouse, input.name, origin, task.signal) })
    },
  })
}

/** The topic of a generation → its tables; chunks have none. */
export const landGeneration = (
  flow: Flow,
  { stage, line, generation }: GenerationRef,
  state: LineState,
): StageLine[] => {
  if (stage === 'chunk') return []
  if (stage === 'translate')
    return [
      landLine(
        flow,
        flow.translations(line, generation),
        { name: `translations.${line}`, line, unit: 'chunks' },
        state,
      ),
    ]
  if (stage === 'score')
    return [landLine(flow, flow.scored(line, generation), { name: `scored.${line}`, line, unit: 'messages' }, state)]
  return [landLine(flow, flow.ranked(line, generation), { name: `ranked.${line}`, line, unit: 'conversations' }, state)]
}
