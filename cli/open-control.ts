import { randomUUID } from 'node:crypto'
import type { Codec } from '../dataflow/codec.ts'
import { createPipeline, readControl } from '../dataflow/control.ts'
import { type ControlFeed, controlFeed } from '../dataflow/control-feed.ts'
import { KalamError } from '../dataflow/error.ts'
import type { Log } from '../dataflow/log.ts'
import type { PipelineConfig } from '../services/config.ts'
import { refuseEdited } from '../services/line-settings.ts'
import { firstGenerations, generationTopics, type MakeLines, sourceTopics } from '../services/plan-generations.ts'
import { topicNames } from '../services/topics.ts'

/** What the control topic is opened with. */
export interface ControlParts {
  log: Log
  codec: Codec
  config: PipelineConfig
  makeLines: MakeLines
  /** Whether work is to be done: edited lines are refused, and new ones get their generation. */
  create: boolean
  /** Whether topics are made; without it those that are not there are KalamError topics_missing. */
  createTopics: boolean
  /** Done before a line gets its first generation: what it rejects with leaves no trace of new lines. */
  beforeNew?: (() => Promise<void>) | undefined
}

/** Opens the control topic of a pipeline, made with its pipeline when it is new. */
export const openControl = async (parts: ControlParts): Promise<ControlFeed> => {
  const { log, codec, config, makeLines, create, createTopics } = parts
  const { pipeline, partitions } = config
  const topics = topicNames(pipeline)
  const control = { topic: topics.control, partitions: 1, compacted: true }
  if (createTopics) await log.createTopics([control])
  else await refuseMissing(log, [control.topic])
  const known = await readControl(log, codec, topics.control)
  if (known && known.partitions !== partitions) throw otherPartitions(config, known.partitions)
  if (!known && !createTopics) throw topicsMissing('the pipeline was never created')
  const state = known ?? (await createPipeline(log, codec, topics.control, randomUUID(), partitions))
  if (create)
    refuseEdited(
      state,
      makeLines(() => undefined),
    )
  const feed = await controlFeed(log, codec, topics.control)
  if (create) await parts.beforeNew?.()
  if (createTopics) await createAll(parts, feed)
  else await refuseUncreated(parts, feed)
  return feed
}

const createAll = async (
  { log, config: { pipeline, partitions }, makeLines, create }: ControlParts,
  feed: ControlFeed,
): Promise<void> => {
  await log.createTopics(sourceTopics(pipeline, partitions))
  if (create) {
    await feed.change(async (state) => {
      const first = firstGenerations({ control: state, make: makeLines, now: Date.now() })
      const bodies = first.map(({ body }) => body)
      // Who sees a record finds its topic.
      await log.createTopics(generationTopics(pipeline, partitions, bodies))
      return first
    })
  }
  await log.createTopics(generationTopics(pipeline, partitions, feed.state.generations.values()))
}

const refuseUncreated = async (
  { log, config: { pipeline, partitions }, makeLines, create }: ControlParts,
  { state }: ControlFeed,
): Promise<void> => {
  const topics = [
    ...sourceTopics(pipeline, partitions),
    ...generationTopics(pipeline, partitions, state.generations.values()),
  ]
  await refuseMissing(
    log,
    topics.map(({ topic }) => topic),
  )
  const [first] = create ? firstGenerations({ control: state, make: makeLines, now: Date.now() }) : []
  if (first) throw topicsMissing(`there is nothing yet of ${first.body.stage} ${first.body.line}`)
}

const refuseMissing = async (log: Log, topics: string[]): Promise<void> => {
  const there = await log.topics()
  const absent = topics.filter((topic) => there[topic] === undefined)
  if (absent.length === 0) return
  const others = absent.length > 1 ? ` (and ${absent.length - 1} more)` : ''
  throw topicsMissing(`there is no topic ${absent[0]}${others}`)
}

/** What is thrown where topics of the pipeline were never made. */
export const topicsMissing = (fact: string): KalamError =>
  new KalamError('topics_missing', `opening the pipeline: ${fact}`, {
    hint: 'kalam topics create makes the topics and registers the schemas; run it once, and after each new line.',
  })

const otherPartitions = ({ pipeline, partitions }: PipelineConfig, known: number): KalamError =>
  new KalamError(
    'settings_changed',
    `opening pipeline ${pipeline}: it has ${known} partitions, pipeline.yaml says ${partitions}`,
    {
      hint: `Partitions are fixed for the life of a pipeline: set partitions: ${known}, or use another state folder.`,
    },
  )
