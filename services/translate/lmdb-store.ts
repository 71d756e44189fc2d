import type { RootDatabase } from 'lmdb'
import type { Bill } from './ledger.ts'
import { unsharedKey } from './lmdb-outbox.ts'
import type { MemoryEntry } from './memory.ts'
import type { TranslateAnswer } from './translator.ts'

/**
 * Inside a transaction: stores an answer and books its bill; gives the answer that stands. The first answer of a key stays: a later one
 * would change what a replay sees. `isToShare` marks a new one, but for calls that were given up.
 */
export type Store = (entry: MemoryEntry, isToShare: boolean) => TranslateAnswer

/** Stores in a memory's file; `settle` books a bill inside a transaction. */
export const lmdbStore = (db: RootDatabase<TranslateAnswer, string>, settle: (bill: Bill) => void): Store => {
  const marks = db as RootDatabase<unknown, string>
  return ({ key, answer, bill }, isToShare) => {
    if (bill) settle(bill)
    const known = db.get(key)
    if (known) return known
    void db.put(key, answer)
    if (isToShare && !answer.failure) void marks.put(unsharedKey(key), true)
    return answer
  }
}
