import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Key, open, type RootDatabase } from 'lmdb'
import { KalamError } from '../error.ts'
import { writeError } from './write-error.ts'

/** Format of the state folder; raised when its layout changes. */
export const formatVersion = 1

/** Name of the LMDB file in the log's folder. */
export const databaseFile = 'log.mdb'

/**
 * The LMDB file of a log: `m` = marks, `t` = topics, `d` = topics being deleted, `r` = batches of records,
 * `e` = ends, `p` = positions.
 * Every write is on disk when its promise resolves.
 */
export type Database = RootDatabase<Buffer, Key>

/** A topic's number in keys and how far each partition has come. */
export interface Topic {
  id: number
  partitions: number
  /** Offset behind the last durable record, per partition. */
  ends: number[]
  /** Offset the next commit writes at: equal to ends when nothing is under way. */
  next: number[]
}

/** Opens or makes the file in a folder; fails with state_of_other_version when another format made it. */
export const openDatabase = (folder: string): Database => {
  let db: Database
  let format: string | undefined
  try {
    mkdirSync(folder, { recursive: true })
    // Without overlappingSync a commit resolves only after its fsync.
    db = open<Buffer, Key>({
      path: join(folder, databaseFile),
      encoding: 'binary',
      overlappingSync: false,
      pageSize: 8192,
    })
    format = db.get(['m', 'format'])?.toString()
    if (format === undefined) db.putSync(['m', 'format'], Buffer.from(String(formatVersion)))
  } catch (thrown) {
    throw writeError(thrown, folder, databaseFile)
  }
  if (format === undefined || format === String(formatVersion)) return db
  void db.close()
  throw new KalamError(
    'state_of_other_version',
    `opening ${folder}: its format is ${format}, this kalam writes ${formatVersion}`,
    {
      hint: 'Use the kalam that made it, or another state folder (state: in pipeline.yaml).',
    },
  )
}

/** The topics in the file with their ends. */
export const loadTopics = (db: Database): Map<string, Topic> => {
  const topics = new Map<string, Topic>()
  for (const { key, value } of db.getRange({ start: ['t', ''], end: ['u'] })) {
    const { id, partitions } = JSON.parse(value.toString()) as { id: number; partitions: number }
    const topic = emptyTopic(id, partitions)
    for (let p = 0; p < partitions; p++) {
      const end = db.get(['e', id, p])
      topic.ends[p] = topic.next[p] = end ? end.readDoubleLE(0) : 0
    }
    topics.set((key as string[])[1]!, topic)
  }
  return topics
}

/** Every committed position in the file by its name. */
export const loadPositions = (db: Database): Map<string, number> => {
  const positions = new Map<string, number>()
  for (const { key, value } of db.getRange({ start: ['p', ''], end: ['q'] })) {
    const [, group, topic, partition] = key as [string, string, string, number]
    positions.set(positionName(group, topic, partition), value.readDoubleLE(0))
  }
  return positions
}

/** One name for the position of a group in a partition of a topic. */
export const positionName = (group: string, topic: string, partition: number): string =>
  `${group}\0${topic}\0${partition}`

/** A topic without records. */
export const emptyTopic = (id: number, partitions: number): Topic => ({
  id,
  partitions,
  ends: new Array<number>(partitions).fill(0),
  next: new Array<number>(partitions).fill(0),
})

/** An offset as it stands in the file. */
export const offsetBytes = (offset: number): Buffer => {
  const bytes = Buffer.allocUnsafe(8)
  bytes.writeDoubleLE(offset)
  return bytes
}
