import { deferred } from '../deferred.ts'
import type { LogRecord } from '../log.ts'
import type { Fetched } from './committed-records.ts'
import type { FetchTarget } from './fetch-plan.ts'
import type { Fetcher } from './fetcher.ts'

/** One input of a task: records fetched ahead, handed on when they are asked for. */
export interface InputReader {
  read(maxBytes: number, signal: AbortSignal): Promise<LogRecord[]>
  hasMore(): boolean
  /** The position to be committed for one that a stage gives: behind markers and aborted records that follow it. */
  behind(position: number): number
  /** Where the reader stands when everything that it handed on ends before `position`; else undefined. */
  idleAt(position: number): number | undefined
  close(): void
}

const leastBytes = 64 * 1024
const firstBytes = 256 * 1024
/** What fetching one partition at once may bring, markers aside. */
const mostBytes = 4 * 2 ** 20

/** How many times as large as on the wire records are in memory, roughly. */
const packing = 3

/** Reads a partition from an offset on. `onFetched` is told when something came; `onError` when reading on is hopeless. */
export const openInput = (options: {
  fetcher: Fetcher
  topic: string
  partition: number
  from: number
  onFetched(): void
  onError(error: unknown): void
}): InputReader => {
  const { fetcher, topic, partition } = options
  let buffer: LogRecord[] = []
  let at = 0
  let bytes = 0
  let limit = firstBytes
  let next = options.from
  let handed = options.from - 1
  let arrived: (() => void) | undefined
  const target: FetchTarget = {
    topic,
    partition,
    get from() {
      return next
    },
    get maxBytes() {
      return Math.min(mostBytes, Math.max(leastBytes, Math.floor(limit / packing)))
    },
    deliver(fetched: Fetched) {
      if (at > 0) {
        buffer = buffer.slice(at)
        at = 0
      }
      for (const record of fetched.records) {
        buffer.push(record)
        bytes += sizeOf(record)
      }
      next = fetched.next
      if (bytes < limit) fetcher.want(target)
      arrived?.()
      options.onFetched()
    },
    fail: options.onError,
  }
  fetcher.want(target)

  const take = (maxBytes: number): LogRecord[] => {
    const records: LogRecord[] = []
    for (let taken = 0; at < buffer.length && (records.length === 0 || taken < maxBytes); at++) {
      const record = buffer[at]!
      const size = sizeOf(record)
      records.push(record)
      taken += size
      bytes -= size
    }
    handed = records.at(-1)?.offset ?? handed
    if (at === buffer.length) {
      buffer = []
      at = 0
    }
    if (bytes < limit) fetcher.want(target)
    return records
  }
  return {
    hasMore: () => at < buffer.length,
    async read(maxBytes, signal) {
      limit = maxBytes
      while (!signal.aborted) {
        if (at < buffer.length) return take(maxBytes)
        const more = deferred()
        arrived = more.resolve
        signal.addEventListener('abort', more.resolve, { once: true })
        await more.promise
        signal.removeEventListener('abort', more.resolve)
      }
      return []
    },
    behind: (position) => (position > handed ? Math.max(position, buffer[at]?.offset ?? next) : position),
    idleAt: (position) => (position > handed && at === buffer.length && next > position ? next : undefined),
    close: () => fetcher.forget(target),
  }
}

const sizeOf = ({ key, value }: LogRecord): number => value.length + key.length + recordOverhead

/** What a record takes besides its texts: objects, headers and views of bytes. Small records would otherwise pile up. */
const recordOverhead = 500
