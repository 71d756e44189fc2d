import type { LogRecord } from '../log.ts'
import type { FetchTold, WireMessage } from './kafkajs-internals.ts'

/** What one fetch gave of one partition. */
export interface Fetched {
  /** Committed records from the asked offset on; markers and aborted records are left out. */
  records: LogRecord[]
  /** Where to read on: behind everything that came, left out or not. */
  next: number
}

/**
 * The committed records of a fetch response. kafkajs' own filter takes one aborted transaction for each record it looks at,
 * in the order the broker lists them, and so shows aborted records when transactions of several producers overlap.
 */
export const committedRecords = (told: Pick<FetchTold, 'messages' | 'abortedTransactions'>, from: number): Fetched => {
  const aborted = (told.abortedTransactions ?? [])
    .map(({ producerId, firstOffset }) => ({ producerId, first: Number(firstOffset) }))
    .sort((a, b) => a.first - b.first)
  const records: LogRecord[] = []
  const open = new Set<string>()
  let begun = 0
  let next = from
  for (const message of told.messages) {
    const offset = Number(message.offset)
    while (begun < aborted.length && aborted[begun]!.first <= offset) open.add(aborted[begun++]!.producerId)
    next = Math.max(next, offset + 1)
    const { producerId, inTransaction } = message.batchContext
    if (message.isControlRecord) {
      if (isAbort(message)) open.delete(producerId)
      continue
    }
    // A batch comes whole, also with records before the asked offset.
    if (offset < from || (inTransaction && open.has(producerId))) continue
    records.push(recordOf(message, offset))
  }
  return { records, next: Math.max(next, lastBatchEnd(told.messages)) }
}

/** A control record's key is its version and its type: 0 ends a transaction that is aborted, 1 one that is committed. */
const isAbort = ({ key }: WireMessage): boolean => key !== null && key.length >= 4 && key.readInt16BE(2) === 0

/** A compacted batch may have lost its last records; the next offset still lies behind them. */
const lastBatchEnd = (messages: WireMessage[]): number => {
  const last = messages.at(-1)?.batchContext
  return last ? Number(last.firstOffset) + last.lastOffsetDelta + 1 : 0
}

const recordOf = ({ key, value, headers, timestamp }: WireMessage, offset: number): LogRecord => ({
  offset,
  key: key === null ? '' : key.toString(),
  value: value ?? empty,
  headers: textsOf(headers),
  timestamp: Number(timestamp),
})

const empty = Buffer.alloc(0)

const textsOf = (headers: WireMessage['headers']): Record<string, string> => {
  const texts: Record<string, string> = {}
  for (const name in headers) {
    const value = headers[name]
    texts[name] = (Array.isArray(value) ? value[0] : value)?.toString() ?? ''
  }
  return texts
}
