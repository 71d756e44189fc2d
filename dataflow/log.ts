/**
 * The log port: ordered, durable topics that stages read and write. Two adapters hold the same contract
 * (`test/contract/log.ts`): embedded (LMDB) and Kafka.
 *
 * - Every topic of a pipeline has the same number of partitions. Within one, records have rising offsets
 *   (with gaps allowed) and never change.
 * - `commit` is atomic: outputs become readable and positions move together, durably, or not at all.
 * - Readers see committed records only, in order, each once from their position on.
 */

/** A record as it is read. Place and trace travel in headers; the body is opaque here. */
export interface LogRecord {
  offset: number
  key: string
  /** Empty for a tombstone. */
  value: Uint8Array
  headers: Record<string, string>
  /** Ingest time of the conversation, milliseconds since 1970. */
  timestamp: number
  /**
   * What the value was encoded from, equal to what it decodes to, where the log still has it. A record that is written with one is
   * given away: nobody changes any part of it any more.
   */
  body?: unknown
}

/** A record to be written; the partition is always given. */
export interface OutputRecord extends Omit<LogRecord, 'offset'> {
  topic: string
  partition: number
}

/** A topic to be created. A compacted one may forget all but the last record of each key. */
export interface TopicSpec {
  topic: string
  partitions: number
  compacted?: boolean
}

/** Offsets by topic: the next one to be read. */
export type Positions = Record<string, number>

/** One partition of one group's topics: the unit of work, of commit and of restart. */
export interface Task {
  readonly partition: number
  /** Aborted when the partition moves elsewhere or the process stops. */
  readonly signal: AbortSignal
  /** Committed position of every input at the start of the task (0 where there is none). */
  readonly start: Positions
  /**
   * The next committed records of an input, in order, none twice: at least one, at most about maxBytes more than one.
   * Waits until there are some; returns [] only when the signal is aborted.
   */
  read(topic: string, maxBytes: number): Promise<LogRecord[]>
  /** Whether a read of this input would return at once. */
  hasMore(topic: string): boolean
  /** Appends outputs and moves positions in one durable transaction. One commit at a time. */
  commit(outputs: OutputRecord[], positions: Positions): Promise<void>
  /**
   * For how many times as long as a commit took the next one waits for company, where many small transactions cost more than their
   * records; without it not at all.
   */
  readonly pauseShare?: number | undefined
  /** Given the operator's window as it begins, where somebody wants to see how full it is. */
  showWindow?(window: { readonly size: number; readonly bytes: number }): void
}

/** A group of tasks: every partition of its inputs is worked on by one task at a time, over all processes. */
export interface GroupOptions {
  group: string
  inputs: string[]
  /** How many partitions are worked on, from the first one; without it all, and then every topic has the same number. */
  partitions?: number
  /** Whether one process gets all partitions while others stand by, as for what a provider limits per account. */
  single?: boolean
  /** Where the task writes; used to recover a lost position. */
  output?: string
  /** Other topics that the task writes to, in any partition. */
  also?: string[]
  /** Runs one task until its signal is aborted; a throw stops the membership. */
  work(task: Task): Promise<void>
}

/** This process's part in a group. */
export interface Membership {
  /** Settles when every task has ended; rejects with the first task's error. */
  readonly done: Promise<void>
  /** Aborts the tasks' signals, waits for their end and leaves the group. */
  stop(): Promise<void>
}

/** A transactional writer outside any group; opening one fences older ones of the same id. */
export interface Writer {
  /** Appends in one durable transaction; returns the offset of every record. */
  commit(outputs: OutputRecord[]): Promise<number[]>
  close(): Promise<void>
}

/** See the head of this file. */
export interface Log {
  createTopics(topics: TopicSpec[]): Promise<void>
  /**
   * Deletes topics with their records and every position that groups have in them; those that are not there are no matter. Nobody
   * may be working on them. Repeating it after a crash deletes what was left.
   */
  deleteTopics(names: string[]): Promise<void>
  /** Forgets all positions of groups that nobody is in; those that never committed are no matter. */
  deleteGroups(names: string[]): Promise<void>
  /** Names and partition counts of all topics. */
  topics(): Promise<Record<string, number>>
  join(options: GroupOptions): Promise<Membership>
  writer(id: string): Promise<Writer>
  /** The offset behind the last committed record, per partition. */
  ends(topic: string): Promise<number[]>
  /**
   * How far readers may read, per partition: to the first open transaction, else to the end. Not there where transactions are
   * never seen open.
   */
  committedEnds?(topic: string): Promise<number[]>
  /** The group's committed position per partition; undefined where it never committed. May follow a commit's promise by a moment. */
  committed(group: string, topic: string): Promise<(number | undefined)[]>
  /** How many processes are in the group now, where the log knows of others than this one. */
  members?(group: string): Promise<number>
  /** Committed records from `from` up to `to` (exclusive; default: the end at the time of the call), in batches. */
  scan(topic: string, partition: number, from: number, to?: number): AsyncIterable<LogRecord[]>
  close(): Promise<void>
}
