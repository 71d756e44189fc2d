import type { RootDatabase } from 'lmdb'
import { answerJournal, type JournalEntry, leftJournals } from './answer-journal.ts'
import { ledgerKeys } from './lmdb-ledger.ts'
import type { Store } from './lmdb-store.ts'
import { lmdbTurns } from './lmdb-turns.ts'
import type { MemoryEntry } from './memory.ts'
import type { TranslateAnswer } from './translator.ts'

/** Writes to the memory's file, by way of a journal where somebody waits. */
export interface JournaledWrites {
  /** Outlives the process when it returns, and is in the memory soon; the answer that stands there then. Throws what the disk says. */
  keep(entry: MemoryEntry, isToShare: boolean): Promise<TranslateAnswer>
  /** Runs work inside the next transaction; its result once that is written. */
  write<Result>(work: () => Result): Promise<Result>
  /** Inside any transaction: stores what is kept and not stored yet. */
  storeKept(): void
  close(): Promise<void>
}

/** The number of the last entry of a journal that is in the memory: each is booked once, whenever a process dies. */
const bookedKey = (name: string) => `${ledgerKeys}booked/${name}`

const bookedIn = (db: RootDatabase, name: string): number => Number(db.get(bookedKey(name)) ?? 0)

/** A journal before a memory's file, in the same folder. */
export const journaledWrites = (
  db: RootDatabase<TranslateAnswer, string>,
  folder: string,
  store: Store,
): JournaledWrites => {
  const numbers = db as RootDatabase<unknown, string>
  const journal = answerJournal(folder)
  /** Entries of the journal that are not in the memory; all of them go there with every transaction, so also after one that failed. */
  let left: JournalEntry[] = []
  let standing = new Map<number, TranslateAnswer>()
  // Another transaction may have stored them already, and its number tells so wherever it was written.
  const storeKept = () => {
    if (left.length === 0) return
    const booked = bookedIn(db, journal.name)
    standing = new Map(
      left.map((entry) => [
        entry.number,
        entry.number > booked ? store(entry, entry.isToShare) : (db.get(entry.key) ?? entry.answer),
      ]),
    )
    void numbers.put(bookedKey(journal.name), left.at(-1)!.number)
  }
  const turns = lmdbTurns(db, {
    first: storeKept,
    written() {
      left = []
      journal.clear()
    },
  })
  return {
    keep(entry, isToShare) {
      const written = journal.append({ isToShare, ...entry })
      left.push(written)
      return turns.write(() => standing.get(written.number)!)
    },
    write: turns.write,
    storeKept,
    async close() {
      await turns.close()
      if (left.length > 0) return
      journal.close()
      await numbers.remove(bookedKey(journal.name))
    },
  }
}

/**
 * Inside a transaction: stores what processes that are no more had in their journals. Journals of which all is in the memory, since an
 * earlier transaction, are removed.
 */
export const storeLeft = (db: RootDatabase, folder: string, store: Store): void => {
  for (const { name, entries, remove } of leftJournals(folder)) {
    const booked = bookedIn(db, name)
    const open = entries.filter(({ number }) => number > booked)
    for (const entry of open) store(entry, entry.isToShare)
    if (open.length > 0) void db.put(bookedKey(name), open.at(-1)!.number)
    else {
      remove()
      void db.remove(bookedKey(name))
    }
  }
}
