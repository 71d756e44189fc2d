import { type RootDatabase, TransactionFlags } from 'lmdb'

/** Writes of one turn of the event loop, in one transaction. */
export interface LmdbTurns {
  /** Runs work inside the turn's transaction; its result once that is written. Rejects all of the turn when it fails. */
  write<Result>(work: () => Result): Promise<Result>
  /** Resolves when all is written and on the disk. */
  close(): Promise<void>
}

interface Waiting {
  work(): unknown
  done(result: unknown): void
  failed(thrown: unknown): void
}

/** The latest flush after a write. */
const flushMs = 50
/** Behind all keys that mean something. */
const flushKey = '~~flush'
const flags = TransactionFlags.ABORTABLE | TransactionFlags.SYNCHRONOUS_COMMIT | TransactionFlags.NO_SYNC_FLUSH

/**
 * Writes on this thread: that takes a tenth of a millisecond, and handing a transaction to LMDB's own thread and back some
 * milliseconds, or dozens while the disk is busy, for which calls would keep their places. Flushes to the disk are left to that
 * thread.
 */
export const lmdbTurns = (db: RootDatabase): LmdbTurns => {
  let turn: Waiting[] = []
  let flushing: NodeJS.Timeout | undefined
  // A transaction of the other thread is flushed with everything before it.
  const flush = () => db.put(flushKey, 0)
  const flushSoon = () => {
    flushing ??= setTimeout(() => {
      flushing = undefined
      // What keeps it from the disk fails the next write too.
      flush().catch(() => undefined)
    }, flushMs)
  }
  const writeTurn = () => {
    const waiting = turn
    turn = []
    try {
      const results = db.transactionSync(() => waiting.map(({ work }) => work()), flags)
      for (const [i, { done }] of waiting.entries()) done(results[i])
    } catch (thrown) {
      for (const { failed } of waiting) failed(thrown)
    }
    flushSoon()
  }
  const write: LmdbTurns['write'] = (work) =>
    new Promise((resolve, reject) => {
      if (turn.length === 0) setImmediate(writeTurn)
      turn.push({ work, done: (result) => resolve(result as ReturnType<typeof work>), failed: reject })
    })
  return {
    write,
    async close() {
      if (turn.length > 0) await write(() => undefined)
      if (flushing === undefined) return
      clearTimeout(flushing)
      flushing = undefined
      await flush()
    },
  }
}
