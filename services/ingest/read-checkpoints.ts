import type { Codec } from '../../dataflow/codec.ts'
import { KalamError } from '../../dataflow/error.ts'
import type { Log, LogRecord } from '../../dataflow/log.ts'
import type { SourceCheckpoint } from '../../schemas/records.ts'
import type { TopicNames } from '../topics.ts'

/** How far a source has been read. */
export interface Checkpoints {
  /** The last checkpoint of every file. */
  files: Map<string, SourceCheckpoint>
  /** Over all files of the source, as far as they were read. */
  rowsOfSplit: Map<string, number>
  rowsOfSource: number
}

/** Key of a file's checkpoints. */
export const checkpointKey = (source: string, file: string): string => `${source}/${file}`

/**
 * The last checkpoints of one source, or of all. Records of other programs are passed over; KalamError log_broken where one of the
 * source's own cannot be read: from an older one rows would come in twice.
 */
export const readCheckpoints = async (
  log: Log,
  codec: Codec,
  topics: TopicNames,
  source?: string,
): Promise<Checkpoints> => {
  const checkpoints: Checkpoints = { files: new Map(), rowsOfSplit: new Map(), rowsOfSource: 0 }
  const partitions = (await log.ends(topics.sources)).length
  for (let partition = 0; partition < partitions; partition++) {
    for await (const records of log.scan(topics.sources, partition, 0)) {
      await codec.prepare(records)
      for (const record of records) {
        if (source !== undefined && !record.key.startsWith(checkpointKey(source, ''))) continue
        const body = bodyOf(codec, record)
        if (body) checkpoints.files.set(source === undefined ? record.key : body.file, { ...body })
        else if (source !== undefined) throw unreadable(topics.sources, partition, record)
      }
    }
  }
  for (const { split_rows, file_rows } of checkpoints.files.values()) {
    for (const [split, rows] of Object.entries(split_rows)) addRows(checkpoints.rowsOfSplit, split, rows)
    checkpoints.rowsOfSource += file_rows
  }
  return checkpoints
}

const bodyOf = (codec: Codec, { value }: LogRecord): SourceCheckpoint | undefined => {
  try {
    return codec.decode('SourceCheckpoint', value)
  } catch (thrown) {
    if (thrown instanceof KalamError && thrown.code === 'undecodable') return undefined
    throw thrown
  }
}

const unreadable = (topic: string, partition: number, { key, offset }: LogRecord): KalamError =>
  new KalamError(
    'log_broken',
    `reading ${topic}, partition ${partition}: the checkpoint of ${key} at offset ${offset} cannot be read`,
    {
      hint: 'Was it written by a newer kalam? That one goes on from it. If another program wrote it, write the checkpoint before it again.',
    },
  )

/** Adds to the rows of a split. */
export const addRows = (rowsOfSplit: Map<string, number>, split: string, rows: number): void =>
  void rowsOfSplit.set(split, (rowsOfSplit.get(split) ?? 0) + rows)
