import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { avroCodec } from '../../../dataflow/codec.ts'
import { embeddedLog } from '../../../dataflow/embedded/embedded-log.ts'
import { localRegistry } from '../../../dataflow/embedded/local-registry.ts'
import type { Log, LogRecord, OutputRecord, Writer } from '../../../dataflow/log.ts'
import type { DeadLetter, Message, SourceCheckpoint } from '../../../schemas/records.ts'
import { sourceSchema } from '../../../services/config.ts'
import type { Turns } from '../../../services/ingest/fair-turns.ts'
import { filesSource } from '../../../services/ingest/files-source.ts'
import { type Ingest, openIngest } from '../../../services/ingest/ingest-source.ts'
import { readCheckpoints } from '../../../services/ingest/read-checkpoints.ts'
import { topicNames } from '../../../services/topics.ts'

const partitions = 3
const topics = topicNames('test')

/** Everything that ingest wrote, decoded. */
export interface Written {
  messages: { partition: number; offset: number; key: string; headers: Record<string, string>; body: Message }[]
  deadLetters: DeadLetter[]
  checkpoints: SourceCheckpoint[]
}

/** Sources and an embedded log in a folder of their own; files are written by their names. */
export const ingestPipeline = () => {
  const folder = mkdtempSync(join(tmpdir(), 'kalam-ingest-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))

  const withLog = async <T>(work: (log: Log) => Promise<T>): Promise<T> => {
    const log = embeddedLog({ folder: join(folder, 'log') })
    try {
      const names = [topics.messages, topics.deadLetters, topics.sources]
      await log.createTopics(names.map((topic) => ({ topic, partitions })))
      return await work(log)
    } finally {
      await log.close()
    }
  }

  const codec = avroCodec(localRegistry({ file: join(folder, 'schemas.json') }))

  const open = async (log: Log, settings: object, follow = false, turns?: Turns): Promise<Ingest> => {
    const source = sourceSchema.parse({ name: 's', path: 'data', ...settings })
    const conversationBytes = 2 ** 20
    const reader = filesSource(source, { base: folder, maxLineBytes: 4 * conversationBytes, follow })
    const parts = { source, reader, log, codec: await codec, topics, partitions, conversationBytes, follow, turns }
    const writer = await log.writer(`ingest.${source.name}`)
    const commit = async (outputs: OutputRecord[]) => void (await writer.commit(outputs))
    return openIngest({ ...parts, commit, now: () => 1_700_000_000_000 })
  }

  return {
    write(files: Record<string, string | Uint8Array>) {
      for (const [name, content] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, name)), { recursive: true })
        writeFileSync(join(folder, name), content)
      }
    },
    withLog,
    open,
    /** Reads a source to its end, as one run of kalam does; `wrap` stands between ingest and the log. */
    run: (settings: object = {}, wrap: (log: Log) => Log = (log) => log) =>
      withLog(async (log) => {
        const ingest = await open(wrap(log), settings)
        await ingest.readOn(new AbortController().signal)
      }),
    written: () =>
      withLog(async (log): Promise<Written> => {
        const { decode } = await codec
        const { files } = await readCheckpoints(log, await codec, topics)
        const messages = await recordsOf(log, topics.messages)
        const deadLetters = await recordsOf(log, topics.deadLetters)
        return {
          messages: messages.map(({ partition, offset, key, headers, value }) => ({
            ...{ partition, offset, key, headers },
            body: decode('Message', value),
          })),
          deadLetters: deadLetters.map(({ value }) => decode('DeadLetter', value)),
          checkpoints: [...files.values()],
        }
      }),
  }
}

const recordsOf = async (log: Log, topic: string): Promise<(LogRecord & { partition: number })[]> => {
  const records = []
  for (let partition = 0; partition < partitions; partition++)
    for await (const batch of log.scan(topic, partition, 0))
      records.push(...batch.map((record) => ({ ...record, partition })))
  return records
}

/** A log whose writers fail at a commit, before or after it is on disk; the number of commits is counted. */
export const failingAt = (commit: number, when: 'before' | 'after', counted = { commits: 0 }) => {
  return (log: Log): Log => ({
    ...log,
    async writer(id): Promise<Writer> {
      const writer = await log.writer(id)
      return {
        ...writer,
        async commit(outputs) {
          const fails = counted.commits++ === commit
          if (fails && when === 'before') throw new Error('crash')
          const offsets = await writer.commit(outputs)
          if (fails) throw new Error('crash')
          return offsets
        },
      }
    },
  })
}
