import { type RootDatabase, TransactionFlags } from 'lmdb'

/** Writes that come within some milliseconds, in one transaction. */
export interface LmdbTurns {
  /** Runs work inside the next transaction; its result once that is written. Rejects all of it when it fails. */
  write<Result>(work: () => Result): Promise<Result>
  /** Resolves when all is written and on the disk. */
  close(): Promise<void>
}

interface Waiting {
  work(): unknown
  done(result: unknown): void
  failed(thrown: unknown): void
}

/** What goes with each transaction: at its beginning, and when it is written, before anything else is done. */
interface Around {
  first?(): void
  written?(): void
}

/** How long others are waited for: a transaction takes nearly as long for one answer as for fifty, and nobody's place waits for it. */
const gatherMs = 50
/** The latest flush after a write. */
const flushMs = 50
/** Behind all keys that mean something. */
const flushKey = '~~flush'
const flags = TransactionFlags.ABORTABLE | TransactionFlags.SYNCHRONOUS_COMMIT | TransactionFlags.NO_SYNC_FLUSH

/**
 * Writes on this thread: that takes a tenth of a millisecond, and handing a transaction to LMDB's own thread and back some
 * milliseconds, or dozens while the disk is busy. Flushes to the disk are left to that thread.
 */
export const lmdbTurns = (db: RootDatabase, { first, written }: Around = {}): LmdbTurns => {
  let turn: Waiting[] = []
  let gathering: NodeJS.Timeout | undefined
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
    clearTimeout(gathering)
    gathering = undefined
    if (turn.length === 0) return
    const waiting = turn
    turn = []
    try {
      const results = db.transactionSync(() => {
        first?.()
        return waiting.map(({ work }) => work())
      }, flags)
      written?.()
      for (const [i, { done }] of waiting.entries()) done(results[i])
    } catch (thrown) {
      for (const { failed } of waiting) failed(thrown)
    }
    flushSoon()
  }
  const write: LmdbTurns['write'] = (work) =>
    new Promise((resolve, reject) => {
      gathering ??= setTimeout(writeTurn, gatherMs)
      turn.push({ work, done: (result) => resolve(result as ReturnType<typeof work>), failed: reject })
    })
  return {
    write,
    async close() {
      writeTurn()
      if (flushing === undefined) return
      clearTimeout(flushing)
      flushing = undefined
      await flush()
    },
  }
}
