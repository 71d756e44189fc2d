import { pipelineHeader } from '../services/foreign-records.ts'
import { filesSource } from '../services/ingest/files-source.ts'
import { type Ingest, type IngestOptions, openIngest } from '../services/ingest/ingest-source.ts'
import type { Workspace } from './workspace.ts'

const followPollMs = 1000

/** Every `messages` partition begins with a record that carries the pipeline's uuid. */
export const writeHeads = async ({ log, topics, control }: Workspace): Promise<void> => {
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

/** Reads every source to its end; with `follow` again and again as files grow, until the signal is aborted. */
export const ingestAll = async (
  { config, base, log, codec, topics }: Workspace,
  follow: boolean,
  signal: AbortSignal,
  showProgress: (source: string, done: { rows: number; bytes: number; totalBytes: number }) => void,
): Promise<void> => {
  const conversationBytes = config.limits.conversation_bytes
  const open: Ingest[] = []
  try {
    for (const source of config.sources) {
      const reader = filesSource(source, { base, maxLineBytes: conversationBytes * 4, follow })
      const parts = { source, reader, log, codec, topics, partitions: config.partitions, conversationBytes }
      const onProgress: IngestOptions['onProgress'] = (done) => showProgress(source.name, done)
      const ingest = await openIngest({ ...parts, follow, now: Date.now, onProgress })
      open.push(ingest)
      await ingest.readOn(signal)
      if (signal.aborted) return
    }
    while (follow && !signal.aborted) {
      await new Promise((resolve) => setTimeout(resolve, followPollMs))
      for (const ingest of open) if (!signal.aborted) await ingest.readOn(signal)
    }
  } finally {
    for (const ingest of open) await ingest.close()
  }
}
