import type { GroupOptions, Log, LogRecord, Membership, OutputRecord, Task } from '../../../dataflow/log.ts'

/** The data of one log, which outlives the logs opened on it. */
export interface LogWorld {
  /** Opens a log on the data; the one opened before is closed. */
  open(): Promise<Log>
  remove(): Promise<void>
}

/** A log under test. Names are fresh in every test, because logs of a broker share one. */
export interface LogBench {
  readonly log: Log
  /** Closes the log and opens another one on the same data. */
  reopen(): Promise<void>
  /** Creates a topic under a fresh name. */
  topic(partitions?: number): Promise<string>
  /** Appends records with these keys to partition 0 in one commit; returns their offsets. */
  append(topic: string, ...keys: string[]): Promise<number[]>
  close(): Promise<void>
}

/** Opens a bench on a world. */
export const openBench = async (world: LogWorld): Promise<LogBench> => {
  let log = await world.open()
  return {
    get log() {
      return log
    },
    async reopen() {
      await log.close()
      log = await world.open()
    },
    async topic(partitions = 1) {
      const topic = freshName('topic')
      await log.createTopics([{ topic, partitions }])
      return topic
    },
    async append(topic, ...keys) {
      const writer = await log.writer(freshName('writer'))
      const offsets = await writer.commit(keys.map((key) => outputOf(topic, { key })))
      await writer.close()
      return offsets
    },
    async close() {
      await log.close()
      await world.remove()
    },
  }
}

let names = 0

/** A name that no other test has. */
export const freshName = (kind: string): string => `${kind}-${process.pid}-${Date.now()}-${names++}`

/** A record to be written; `size` gives its value that many bytes. */
export const outputOf = (
  topic: string,
  { size, ...given }: Partial<OutputRecord> & { size?: number } = {},
): OutputRecord => ({
  topic,
  partition: 0,
  key: 'key',
  value: size === undefined ? Buffer.from('value') : Buffer.alloc(size, 7),
  headers: {},
  timestamp: 1_700_000_000_000,
  ...given,
})

/** Joins a group whose tasks the test drives by hand; they end at their signal. */
export const joinByHand = async (
  log: Log,
  options: Omit<GroupOptions, 'work' | 'group'> & { group?: string },
): Promise<{ membership: Membership; task(partition?: number): Promise<Task> }> => {
  const running = new Map<number, Task>()
  const waiting: (() => void)[] = []
  const membership = await log.join({
    group: freshName('group'),
    ...options,
    async work(task) {
      running.set(task.partition, task)
      for (const wake of waiting.splice(0)) wake()
      await abortOf(task)
    },
  })
  const over = membership.done.then(() => {
    throw new Error('waiting for a task: the membership has ended')
  })
  over.catch(() => undefined)
  return {
    membership,
    async task(partition = 0) {
      for (;;) {
        const task = running.get(partition)
        if (task) return task
        await Promise.race([new Promise<void>((resolve) => waiting.push(resolve)), over])
      }
    },
  }
}

/** Resolves when the task's signal is aborted. */
export const abortOf = (task: Task): Promise<void> =>
  new Promise((resolve) => {
    if (task.signal.aborted) resolve()
    task.signal.addEventListener('abort', () => resolve(), { once: true })
  })

/** Reads until there are so many records, in as many reads as it takes. */
export const readRecords = async (task: Task, topic: string, count: number, maxBytes = 1000): Promise<LogRecord[]> => {
  const records: LogRecord[] = []
  while (records.length < count) {
    const read = await task.read(topic, maxBytes)
    if (read.length === 0) throw new Error(`the task ended after ${records.length} of ${count} records`)
    records.push(...read)
  }
  return records
}

/** All records of a partition. */
export const scanAll = async (
  log: Log,
  topic: string,
  { partition = 0, from = 0, to }: { partition?: number; from?: number; to?: number } = {},
): Promise<LogRecord[]> => {
  const records: LogRecord[] = []
  for await (const batch of log.scan(topic, partition, from, to)) records.push(...batch)
  return records
}

/** The keys of records. */
export const keysOf = (records: LogRecord[]): string[] => records.map(({ key }) => key)

/** Keys with a number: `key-0`, `key-1`, … */
export const numberedKeys = (count: number, name = 'key'): string[] =>
  Array.from({ length: count }, (_, i) => `${name}-${i}`)

/** Whether a promise is still pending after everything else that is ready has run. */
export const isPending = async (promise: Promise<unknown>): Promise<boolean> => {
  const pending = Symbol('pending')
  const quiet = new Promise((resolve) => setTimeout(resolve, 30, pending))
  return (await Promise.race([promise, quiet])) === pending
}
