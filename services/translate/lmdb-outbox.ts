import type { RootDatabase } from 'lmdb'
import { ledgerKeys } from './lmdb-ledger.ts'
import type { Store } from './lmdb-store.ts'
import type { KnownAnswer, MemoryEntry } from './memory.ts'
import type { TranslateAnswer } from './translator.ts'

/** Answers that others have not been told yet; kept with them, so that a crash before that is made up for. */
export interface Outbox {
  /** As Memory's put; new answers are marked in the same transaction, but for calls that were given up. */
  put(entries: MemoryEntry[]): Promise<TranslateAnswer[]>
  /** Keys of marked answers. */
  keys(): string[]
  /** Others know them now: marks end, and marked answers give way to those that stand there. Gives what stands here. */
  told(standing: KnownAnswer[]): Promise<TranslateAnswer[]>
}

const prefix = `${ledgerKeys}unshared/`
/** What marks an answer. */
export const unsharedKey = (key: string): string => `${prefix}${key}`

/** The outbox in the memory's own file. */
export const lmdbOutbox = (db: RootDatabase<TranslateAnswer, string>, store: Store): Outbox => ({
  put: (entries) => db.transaction(() => entries.map((entry) => store(entry, true))),
  keys: () => [...db.getKeys({ start: prefix, end: `${prefix}~` })].map((key) => key.slice(prefix.length)),
  told: (standing) =>
    db.transaction(() =>
      standing.map(({ key, answer }) => {
        const mark = unsharedKey(key)
        const known = db.get(key)
        if (!db.doesExist(mark)) return known ?? answer
        void db.remove(mark)
        // It may have been forgotten meanwhile.
        if (known) void db.put(key, answer)
        return answer
      }),
    ),
})
