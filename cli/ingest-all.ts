import type { Membership, Task } from '../dataflow/log.ts'
import type { SourceConfig } from '../services/config.ts'
import { pipelineHeader } from '../services/foreign-records.ts'
import { fairTurns, type Turns } from '../services/ingest/fair-turns.ts'
import { filesSource } from '../services/ingest/files-source.ts'
import { type IngestOptions, openIngest } from '../services/ingest/ingest-source.ts'
import { elapsed } from './elapsed.ts'
import type { OpenedPipeline } from './workspace.ts'

/** Files are looked at again after a pause three times as long as the last look took: many of them less often. */
const followPause = { leastMs: 100, mostMs: 1000, share: 3 }

/** Every `messages` partition begins with a record that carries the pipeline's uuid. */
export const writeHeads = async ({ log, topics, control }: OpenedPipeline): Promise<void> => {
  const ends = await log.ends(topics.messages)
  const heads = ends.flatMap((end, partition) =>
    end > 0
      ? []
      : [
          {
            topic: topics.messages,
            partition,
            key: '',
            value: new Uint8Array(),
            headers: { [pipelineHeader]: control.uuid },
            timestamp: Date.now(),
          },
        ],
  )
  if (heads.length === 0) return
  const writer = await log.writer(`${topics.messages}.heads`)
  await writer.commit(heads)
  await writer.close()
}

/** How sources are read. */
export interface IngestRun {
  sources: readonly SourceConfig[]
  /** Whether to read on as files grow, until the signal is aborted. */
  follow: boolean
  signal: AbortSignal
  isChosen?: IngestOptions['isChosen']
  /** Whether splits are read in turns, each in proportion to its size, instead of one after the other. */
  inTurns?: boolean | undefined
  /** Resolves when there is room for more, or at the signal. */
  room?(signal: AbortSignal): Promise<void>
  onProgress(source: string, done: { rows: number; bytes: number; totalBytes: number }): void
}

/** The group whose one task reads a source. */
export const ingestGroup = (pipeline: string, source: string): string => `${pipeline}.ingest.${source}`

/**
 * Reads sources to their end, one after the other. Each is a group of its own with one task, that of the control topic's one
 * partition: over all processes one reads a source, and another goes on when it is gone.
 */
export const ingestAll = async (pipeline: OpenedPipeline, run: IngestRun): Promise<void> => {
  const members: Membership[] = []
  const turns = run.inTurns ? fairTurns(run.sources.length) : undefined
  const stop = () => Promise.all(members.map((member) => member.stop()))
  run.signal.addEventListener('abort', stop)
  try {
    for (const source of run.sources) {
      if (run.signal.aborted) break
      const member = await pipeline.log.join({
        group: ingestGroup(pipeline.config.pipeline, source.name),
        inputs: [pipeline.topics.control],
        also: [pipeline.topics.messages, pipeline.topics.sources, pipeline.topics.deadLetters],
        work: (task) => ingestSource(pipeline, source, { ...run, turns }, task),
      })
      members.push(member)
      // Those that follow never end, and turns are taken among all: all of them at once.
      if (!run.follow && !turns) await member.done
    }
    if (run.signal.aborted) await stop()
    await Promise.all(members.map((member) => member.done))
  } finally {
    run.signal.removeEventListener('abort', stop)
    await stop()
  }
}

const ingestSource = async (
  { config, base, log, codec, topics }: OpenedPipeline,
  source: SourceConfig,
  { follow, room, isChosen, turns, onProgress }: IngestRun & { turns: Turns | undefined },
  task: Task,
): Promise<void> => {
  const conversationBytes = config.limits.conversation_bytes
  const reader = filesSource(source, { base, maxLineBytes: conversationBytes * 4, follow })
  const options: IngestOptions = {
    ...{
      source,
      reader,
      log,
      codec,
      topics,
      partitions: config.partitions,
      conversationBytes,
      follow,
      isChosen,
      turns,
    },
    now: Date.now,
    ...(room && { room }),
    commit: (outputs) => task.commit(outputs, {}),
    onProgress: (done) => onProgress(source.name, done),
  }
  const ingest = await openIngest(options)
  while (!task.signal.aborted) {
    const began = performance.now()
    await ingest.readOn(task.signal)
    if (!follow) return
    await elapsed(pauseAfter(performance.now() - began), task.signal)
  }
}

const pauseAfter = (lookMs: number): number =>
  Math.min(followPause.mostMs, Math.max(followPause.leastMs, lookMs * followPause.share))
