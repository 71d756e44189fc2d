import { chunkVersion } from '../core/chunking/chunk-message.ts'
import { parseVersion } from '../core/conversation/parse-message.ts'
import { metricVersions } from '../core/metrics/index.ts'
import { rankVersion } from '../core/ranking/rank.ts'
import { liveGeneration } from '../dataflow/control.ts'
import { KalamError } from '../dataflow/error.ts'
import { lastPlace } from '../dataflow/last-record.ts'
import { canonicalJson } from '../dataflow/settings-hash.ts'
import { type Flow, flowOf, type PipelineParts, type StageLine } from './flow.ts'
import {
  currentGenerations,
  type Generation,
  type GenerationRef,
  generationOf,
  refKey,
  refText,
  topicOf,
} from './generations.ts'
import { pauseOf } from './pauses.ts'
import { chunkLine, type LineState, landGeneration, landLine, rankLine, scoreLine, translateLine } from './pipeline.ts'
import { scoreVersion } from './score/score-conversation.ts'

/** A generation that this process cannot run, and why. */
export interface NotRun extends GenerationRef {
  state: string
  why: string
}

/** What the control topic says is to be run, and what of it this process cannot. */
export interface StageLines {
  lines: StageLine[]
  notRun: NotRun[]
}

/**
 * Makes stage lines of what stands in the control topic: one for every building and live generation of the lines of pipeline.yaml,
 * and one that lands it. Called after each change; a generation keeps its line.
 */
export const stageLines = (parts: PipelineParts): { flow: Flow; current(): StageLines } => {
  const flow = flowOf(parts)
  const made = new Map<string, StageLine>()
  const once = (line: StageLine): StageLine => {
    const key = canonicalJson([line.group, line.state, line.standsStill, line.mode])
    const known = made.get(key)
    if (known) return known
    made.set(key, line)
    return line
  }
  return {
    flow,
    current() {
      const [lines, notRun] = [[] as StageLine[], [] as NotRun[]]
      const landed: StageLine[] = []
      const running = new Set<string>()
      for (const generation of currentGenerations(parts.control(), parts.config())) {
        try {
          const line = once(lineOf(flow, parts, generation, running))
          lines.push(line)
          running.add(refKey(generation))
          landed.push(...landGeneration(flow, generation, stateOf(generation)).map(once))
        } catch (thrown) {
          if (!(thrown instanceof KalamError)) throw thrown
          notRun.push({ ...refOf(generation), state: generation.state, why: thrown.message })
        }
      }
      const first: LineState = { generation: 1, state: 'live' }
      const messages = landLine(flow, flow.messages, { name: 'messages', line: 'messages', unit: 'messages' }, first)
      const dead = { name: 'dead_letters', line: 'dead_letters', unit: 'records' }
      return {
        lines: [...lines, once(messages), ...landed, once(landLine(flow, flow.deadLetters, dead, first))],
        notRun,
      }
    },
  }
}

const refOf = ({ stage, line, generation }: Generation): GenerationRef => ({ stage, line, generation })

const stateOf = ({ generation, state }: Generation): LineState => ({
  generation,
  state: state === 'live' ? 'live' : 'building',
})

const lineOf = (flow: Flow, parts: PipelineParts, generation: Generation, running: ReadonlySet<string>): StageLine => {
  const missing = generation.inputs.find((input) => !running.has(refKey(input)))
  if (missing) throw cannotRun(generation, `${refText(missing)}, which it reads, is not run here`)
  if (generation.stage !== 'chunk' && generation.inputs.length === 0)
    throw cannotRun(generation, 'pipeline.yaml does not say what it reads')
  refuseOtherCode(generation)
  const pause = generation.stage === 'translate' ? pauseOf(parts.control(), generation.line) : undefined
  const isLive = generation.state === 'live'
  // What is built anew is not to be full of skipped conversations: it waits.
  const isSkipping = pause === 'skipping' && isLive
  const state: LineState = {
    ...stateOf(generation),
    ...(pause && !isSkipping && { standsStill: 'paused' as const }),
    ...(generation.held && { standsStill: 'held' as const }),
    ...(isSkipping && { mode: 'skipping' }),
  }
  if (generation.stage === 'chunk') return chunkLine(flow, generation, state)
  if (generation.stage === 'score') return scoreLine(flow, generation, state)
  if (generation.stage === 'rank') return rankLine(flow, generation, state)
  const bound = isLive ? async () => undefined : liveBound(flow, parts, generation)
  return translateLine(flow, generation, state, {
    translator: parts.translator(generation),
    turn: { isSkipping, bound },
  })
}

/** How far the live generation of a line has come, for one that would ask the same of the same translator. */
const liveBound =
  (flow: Flow, parts: PipelineParts, { line, generation, settings }: Generation) =>
  async (partition: number): Promise<number | undefined> => {
    const record = liveGeneration(parts.control(), 'translate', line)
    // Once it is live itself, or the live one stands still, nobody asks beside it.
    if (!record || record.held || record.generation === generation) return undefined
    const live = generationOf(record, parts.config())
    if (live.settings.fingerprint !== settings.fingerprint) return undefined
    return lastPlace(flow.log, topicOf(parts.config().pipeline, live), partition)
  }

/** A generation made by functions that this version no longer has would go on as something else. */
const refuseOtherCode = (generation: Generation): void => {
  const { stage, settings } = generation
  const now: Partial<Record<string, Record<string, unknown>>> = {
    chunk: { parse: parseVersion, chunk: chunkVersion },
    score: { score: scoreVersion, metrics: metricVersions },
    rank: { rank: rankVersion },
  }
  for (const [name, version] of Object.entries(now[stage] ?? {})) {
    if (canonicalJson(settings[name]) !== canonicalJson(version))
      throw cannotRun(
        generation,
        `it was made by ${name} ${canonicalJson(settings[name])}, this kalam has ${canonicalJson(version)}`,
      )
  }
}

const cannotRun = (generation: Generation, fact: string): KalamError =>
  new KalamError('settings_changed', `running ${refText(generation)}: ${fact}`)
