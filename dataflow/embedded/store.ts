import { mkdirSync } from 'node:fs'
import { type Key, open, type RootDatabase } from 'lmdb'
import { KalamError, messageOf } from '../error.ts'
import type { LogRecord, OutputRecord, Positions, TopicSpec } from '../log.ts'
import { decodeBatch, encodeBatch } from './batch.ts'

/** Format of the state folder; raised when its layout changes. */
export const formatVersion = 1

interface Topic {
  id: number
  partitions: number
  /** Offset behind the last durable record, per partition. */
  ends: number[]
  /** Offset the next commit writes at: equal to ends when nothing is under way. */
  next: number[]
}

/** The bytes of the embedded log: one LMDB file, one writer at a time, everything of a commit in one transaction. */
export interface Store {
  topic(name: string): Topic
  topicNames(): string[]
  create(spec: TopicSpec): Promise<void>
  position(group: string, topic: string, partition: number): number | undefined
  /** Resolves when outputs and positions are on disk; returns the offset of every output. */
  commit(
    outputs: readonly OutputRecord[],
    positions?: { group: string; partition: number; values: Positions },
  ): Promise<number[]>
  /** Records from an offset on, at most about maxBytes, committed ones only. */
  read(topic: string, partition: number, from: number, maxBytes: number, to?: number): LogRecord[]
  /** Called after each commit with the partitions that grew. */
  onAppend(listener: (topic: string, partition: number) => void): void
  close(): Promise<void>
}

/** Opens or makes the store in a folder; fails with state_of_other_version when another format made it. */
export const openStore = (folder: string): Store => {
  const db = openDatabase(folder)
  checkFormat(db, folder)
  const topics = loadTopics(db)
  const positions = new Map<string, number>()
  const listeners: ((topic: string, partition: number) => void)[] = []
  let broken: unknown
  const topic = (name: string): Topic => {
    const found = topics.get(name)
    if (!found) throw new KalamError('log_broken', `opening topic ${name}: there is no such topic`)
    return found
  }
  const position = (group: string, name: string, partition: number): number | undefined => {
    const key = `${group}\0${name}\0${partition}`
    const known = positions.get(key)
    if (known !== undefined) return known
    const stored = db.get(['p', group, name, partition])
    return stored ? Number(stored.readDoubleLE(0)) : undefined
  }

  const commit: Store['commit'] = async (outputs, moved) => {
    if (broken) throw broken
    const batches = byPartition(outputs)
    const offsets: number[] = new Array(outputs.length)
    const written = db.batch(() => {
      for (const batch of batches) {
        const { id, next } = topic(batch.topic)
        const base = next[batch.partition]!
        next[batch.partition] = base + batch.records.length
        batch.places.forEach((place, i) => {
          offsets[place] = base + i
        })
        db.put(['r', id, batch.partition, base], encodeBatch(batch.records))
        db.put(['e', id, batch.partition], number(next[batch.partition]!))
      }
      for (const name in moved?.values) {
        db.put(['p', moved.group, name, moved.partition], number(moved.values[name]!))
      }
    })
    const ends = batches.map((batch) => topic(batch.topic).next[batch.partition]!)
    try {
      await written
    } catch (thrown) {
      broken = writeError(thrown, folder)
      throw broken
    }
    for (const name in moved?.values) positions.set(`${moved.group}\0${name}\0${moved.partition}`, moved.values[name]!)
    batches.forEach((batch, i) => {
      topic(batch.topic).ends[batch.partition] = ends[i]!
      for (const listener of listeners) listener(batch.topic, batch.partition)
    })
    return offsets
  }

  const read: Store['read'] = (name, partition, from, maxBytes, to = Number.POSITIVE_INFINITY) => {
    const { id, ends } = topic(name)
    const end = Math.min(ends[partition]!, to)
    const records: LogRecord[] = []
    let bytes = 0
    if (from >= end) return records
    const [first] = db.getKeys({
      start: ['r', id, partition, from],
      end: ['r', id, partition],
      reverse: true,
      limit: 1,
    }) as Iterable<Key[]>
    const start = first ?? ['r', id, partition, from]
    for (const { key, value } of db.getRange({ start, end: ['r', id, partition, end] })) {
      for (const record of decodeBatch(value, (key as number[])[3]!, from)) {
        if (record.offset >= end) break
        records.push(record)
        bytes += record.value.length
      }
      if (bytes >= maxBytes) break
    }
    return records
  }

  const create = async (spec: TopicSpec): Promise<void> => {
    const known = topics.get(spec.topic)
    if (known?.partitions === spec.partitions) return
    if (known) {
      throw new KalamError(
        'log_broken',
        `creating topic ${spec.topic}: it has ${known.partitions} partitions, not ${spec.partitions}`,
      )
    }
    const id = topics.size + 1
    topics.set(spec.topic, emptyTopic(id, spec.partitions))
    await db.put(['t', spec.topic], Buffer.from(JSON.stringify({ id, partitions: spec.partitions })))
  }

  return {
    topic,
    topicNames: () => [...topics.keys()],
    create,
    position,
    commit,
    read,
    onAppend: (listener) => listeners.push(listener),
    close: () => db.close(),
  }
}

const openDatabase = (folder: string): RootDatabase<Buffer, Key> => {
  try {
    mkdirSync(folder, { recursive: true })
    // Without overlappingSync a commit resolves only after its fsync.
    return open<Buffer, Key>({ path: `${folder}/log.mdb`, encoding: 'binary', overlappingSync: false, pageSize: 8192 })
  } catch (thrown) {
    throw writeError(thrown, folder)
  }
}

const checkFormat = (db: RootDatabase<Buffer, Key>, folder: string): void => {
  const stored = db.get(['m', 'format'])?.toString()
  if (stored === undefined) db.putSync(['m', 'format'], Buffer.from(String(formatVersion)))
  else if (stored !== String(formatVersion)) {
    throw new KalamError(
      'state_of_other_version',
      `opening ${folder}: its format is ${stored}, this kalam writes ${formatVersion}`,
      {
        hint: 'Use the kalam that made it, or another state folder (state: in pipeline.yaml).',
      },
    )
  }
}

const loadTopics = (db: RootDatabase<Buffer, Key>): Map<string, Topic> => {
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

const emptyTopic = (id: number, partitions: number): Topic => ({
  id,
  partitions,
  ends: new Array<number>(partitions).fill(0),
  next: new Array<number>(partitions).fill(0),
})

interface Batch {
  topic: string
  partition: number
  records: OutputRecord[]
  places: number[]
}

const byPartition = (outputs: readonly OutputRecord[]): Batch[] => {
  const batches = new Map<string, Batch>()
  outputs.forEach((record, place) => {
    const name = `${record.partition} ${record.topic}`
    let batch = batches.get(name)
    if (!batch) {
      batch = { topic: record.topic, partition: record.partition, records: [], places: [] }
      batches.set(name, batch)
    }
    batch.records.push(record)
    batch.places.push(place)
  })
  return [...batches.values()]
}

const number = (value: number): Buffer => {
  const bytes = Buffer.allocUnsafe(8)
  bytes.writeDoubleLE(value)
  return bytes
}

const writeError = (thrown: unknown, folder: string): KalamError => {
  const text = messageOf(thrown)
  const full = /no space|ENOSPC|file too large|EFBIG|quota|MDB_MAP_FULL|\b(27|28|122)\b/i.test(text)
  if (full) {
    return new KalamError('disk_full', `writing to ${folder}: the disk is full or a size limit is reached (${text})`, {
      hint: 'Nothing committed is lost. Make room and run the same command again.',
      cause: thrown,
    })
  }
  return new KalamError('log_broken', `writing to ${folder}: ${text}`, { cause: thrown })
}
