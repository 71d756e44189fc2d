import type { Key } from 'lmdb'
import { KalamError } from '../error.ts'
import type { LogRecord, OutputRecord, Positions, TopicSpec } from '../log.ts'
import { type Batch, batchEncoder, batchesOf, decodeBatch, type EncodedBatches } from './batch.ts'
import {
  type Database,
  databaseFile,
  emptyTopic,
  loadPositions,
  loadTopics,
  offsetBytes,
  openDatabase,
  positionName,
  type Topic,
} from './database.ts'
import { deletionsOf, finishDeletions } from './deletion.ts'
import { openTail } from './tail.ts'
import { commitFailure, writeError } from './write-error.ts'

/** The positions that one commit of a group's task moves. */
export interface Moved {
  group: string
  partition: number
  values: Positions
}

/** The bytes of the embedded log: one LMDB file, one writer at a time, everything of a commit in one transaction. */
export interface Store {
  topic(name: string): Topic
  topicNames(): string[]
  create(spec: TopicSpec): void
  deleteTopics(names: readonly string[]): Promise<void>
  deleteGroups(names: readonly string[]): Promise<void>
  position(group: string, topic: string, partition: number): number | undefined
  /**
   * Resolves when outputs and positions are on disk; returns the offset of every output.
   * A failed write makes all later ones fail: the process has to open the log again.
   */
  commit(outputs: readonly OutputRecord[], moved?: Moved): Promise<number[]>
  /** Committed records from an offset on (up to `to`, exclusive): at least one, at most one more than maxBytes holds. */
  read(topic: string, partition: number, from: number, maxBytes: number, to?: number): LogRecord[]
  /** Called after each commit for every partition that grew. */
  onAppend(listener: (topic: string, partition: number) => void): void
  close(): Promise<void>
}

/** What of the newest records is held in memory too. */
const tailBytes = 4 * 2 ** 20

/** Opens or makes the store in a folder; fails with state_of_other_version when another format made it. */
export const openStore = (folder: string): Store => {
  const opened = openDatabase(folder)
  finishDeletions(opened)
  const topics = loadTopics(opened)
  let lastId = [...topics.values()].reduce((most, { id }) => Math.max(most, id), 0)
  // Read from here only: the file shows a commit before its promise resolves, and so before the ends have moved.
  const positions = loadPositions(opened)
  const tail = openTail(tailBytes)
  const encode = batchEncoder()
  const listeners: ((topic: string, partition: number) => void)[] = []
  let broken: unknown
  let closed = false
  // The lmdb package ends the process, or worse, when a closed file is used.
  const db = (): Database => {
    if (closed) throw new KalamError('internal', `using the log in ${folder}: it is closed`)
    return opened
  }
  const topic = (name: string): Topic => {
    const found = topics.get(name)
    if (!found) throw new KalamError('log_broken', `opening topic ${name}: there is no such topic`)
    return found
  }
  return {
    topic,
    topicNames: () => [...topics.keys()],
    create(spec) {
      if (isThere(topics, spec)) return
      const id = ++lastId
      const written = Buffer.from(JSON.stringify({ id, partitions: spec.partitions }))
      const file = db()
      try {
        file.putSync(['t', spec.topic], written)
      } catch (thrown) {
        throw writeError(thrown, folder, databaseFile)
      }
      topics.set(spec.topic, emptyTopic(id, spec.partitions))
    },
    ...deletionsOf({
      db,
      topics,
      positions,
      failure: async (thrown) => writeError(await commitFailure(thrown), folder, databaseFile),
    }),
    position: (group, name, partition) => positions.get(positionName(group, name, partition)),
    async commit(outputs, moved) {
      if (broken) throw broken
      checkCommit(topic, outputs, moved?.values)
      const { offsets, ends, written, release } = writeCommit(db(), topic, encode, outputs, moved)
      try {
        await written
        release()
      } catch (thrown) {
        broken ??= writeError(await commitFailure(thrown), folder, databaseFile)
        throw broken
      }
      for (const name in moved?.values) {
        positions.set(positionName(moved.group, name, moved.partition), moved.values[name]!)
      }
      for (const { name, partition, base, records } of ends) {
        const { id, ends } = topic(name)
        ends[partition] = base + records.length
        // Others may still be changed by whoever gave them.
        if (records.every(({ body }) => body !== undefined)) tail.add(id, partition, base, records)
      }
      for (const { name, partition } of ends) for (const listener of listeners) listener(name, partition)
      return offsets
    },
    read(name, partition, from, maxBytes, to = Number.POSITIVE_INFINITY) {
      const { id, ends } = topic(name)
      const wanted = { from, to: Math.min(ends[partition]!, to), bytes: maxBytes }
      const file = db()
      return tail.read(id, partition, wanted) ?? readRecords(file, ['r', id, partition], wanted)
    },
    onAppend: (listener) => listeners.push(listener),
    async close() {
      closed = true
      await opened.close()
    },
  }
}

/** Records that a commit appends to a partition, from offset `base` on. */
interface Appended {
  name: string
  partition: number
  base: number
  records: OutputRecord[]
}

/** Whether a topic is there already; KalamError log_broken when it is, but with other partitions. */
const isThere = (topics: ReadonlyMap<string, Topic>, { topic, partitions }: TopicSpec): boolean => {
  const known = topics.get(topic)
  if (known && known.partitions !== partitions) {
    throw new KalamError(
      'log_broken',
      `creating topic ${topic}: it has ${known.partitions} partitions, not ${partitions}`,
    )
  }
  return known !== undefined
}

const checkCommit = (
  topic: (name: string) => Topic,
  outputs: readonly OutputRecord[],
  positions: Positions = {},
): void => {
  for (const output of outputs) {
    if (output.partition in topic(output.topic).ends) continue
    throw new KalamError('log_broken', `writing to topic ${output.topic}: it has no partition ${output.partition}`)
  }
  for (const [name, position] of Object.entries(positions)) {
    if (Number.isSafeInteger(position) && position >= 0) continue
    throw new KalamError('internal', `committing a position in ${name}: ${position} is no offset`)
  }
}

/** Puts a commit into the file's next transaction; `ends` tells what its partitions have got once it is written. */
const writeCommit = (
  db: Database,
  topic: (name: string) => Topic,
  encode: (batches: readonly Batch[]) => EncodedBatches,
  outputs: readonly OutputRecord[],
  moved: Moved | undefined,
): { offsets: number[]; ends: Appended[]; written: Promise<unknown>; release(): void } => {
  const batches = batchesOf(outputs)
  // A throw inside the transaction would leave its first half in it, so everything that may throw stands before it.
  const { values, release } = encode(batches)
  const offsets: number[] = new Array(outputs.length)
  const ends: Appended[] = []
  const written = db.batch(() => {
    batches.forEach(({ topic: name, partition, records, places }, i) => {
      const { id, next } = topic(name)
      const base = next[partition]!
      ends.push({ name, partition, base, records })
      next[partition] = base + records.length
      places.forEach((place, k) => {
        offsets[place] = base + k
      })
      db.put(['r', id, partition, base], values[i]!)
      db.put(['e', id, partition], offsetBytes(next[partition]!))
    })
    for (const name in moved?.values) {
      db.put(['p', moved.group, name, moved.partition], offsetBytes(moved.values[name]!))
    }
  })
  return { offsets, ends, written, release }
}

const readRecords = (
  db: Database,
  prefix: [string, number, number],
  wanted: { from: number; to: number; bytes: number },
): LogRecord[] => {
  const records: LogRecord[] = []
  if (wanted.from >= wanted.to) return records
  // The batch that holds the first wanted record may begin before it.
  const [first] = db.getKeys({
    start: [...prefix, wanted.from],
    end: prefix,
    reverse: true,
    limit: 1,
  }) as Iterable<Key[]>
  let room = wanted.bytes
  const range = { start: first ?? [...prefix, wanted.from], end: [...prefix, wanted.to] }
  for (const { key, value } of db.getRange(range)) {
    const batch = decodeBatch(value, (key as number[])[3]!, { ...wanted, bytes: room })
    for (const record of batch.records) records.push(record)
    room -= batch.bytes
    if (records.length > 0 && room <= 0) break
  }
  return records
}
