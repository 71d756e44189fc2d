import { mkdirSync, statSync } from 'node:fs'
import { open, type RootDatabase } from 'lmdb'
import { leftJournals } from './answer-journal.ts'
import type { Ledger } from './ledger.ts'
import { type JournaledWrites, journaledWrites, storeLeft } from './lmdb-journal.ts'
import { ledgerKeys, lmdbLedger, settling } from './lmdb-ledger.ts'
import { lmdbOutbox, type Outbox } from './lmdb-outbox.ts'
import { lmdbStore, type Store } from './lmdb-store.ts'
import type { KnownAnswer, Memory, MemoryEntry } from './memory.ts'
import type { TranslateAnswer } from './translator.ts'

/** The memory of this machine, with the ledger of what its answers cost. */
export interface LocalMemory extends Memory {
  ledger: Ledger
  outbox: Outbox
  /**
   * As put, but on this machine alone, and at once: it resolves before answers of other processes are looked for, which a put that
   * follows does. That one gives them to others too.
   */
  keep(entries: MemoryEntry[], isToShare?: boolean): Promise<TranslateAnswer[]>
  /** Bytes on disk. */
  bytes(): number
}

const batchAnswers = 1000
/** How often answers of processes that are no more are looked for, in milliseconds. */
const lookMs = 1000

/**
 * The translation memory on local disk with its ledger: one LMDB file, and journals of the answers that are not in it yet. What is put or
 * kept outlives the process when it resolves; its flush to the disk comes behind, so that calls do not keep their places for it.
 */
export const lmdbMemory = (options: { folder: string }): LocalMemory => {
  const { folder } = options
  mkdirSync(folder, { recursive: true })
  const path = `${folder}/memory.mdb`
  const db = open<TranslateAnswer, string>({ path, encoding: 'msgpack' })
  const store = lmdbStore(db, settling(db))
  const writes = journaledWrites(db, folder, store)
  const ledger = lmdbLedger(db, { bookLeft: () => storeLeft(db, folder, store), bookKept: writes.storeKept })
  let lookedMs = Number.NEGATIVE_INFINITY
  /** Answers of processes that died since; the second time their journals go. */
  const lookForLeft = () => {
    if (performance.now() - lookedMs < lookMs) return
    lookedMs = performance.now()
    for (let times = 0; times < 2 && leftJournals(folder).length > 0; times++)
      db.transactionSync(() => storeLeft(db, folder, store))
  }
  lookForLeft()
  return {
    ledger,
    outbox: lmdbOutbox(db, store),
    bytes: () => statSync(path).size,
    // Pages that are in memory are read faster than a thread is asked for them.
    async get(keys) {
      const known = keys.map((key) => db.get(key))
      if (!known.includes(undefined)) return known
      lookForLeft()
      return keys.map((key, i) => known[i] ?? db.get(key))
    },
    ...keeping(db, writes, store),
    count: async () => db.getKeysCount({ end: ledgerKeys }),
    // Each batch is a look of its own: one that lasted would keep LMDB from using the pages that are given up meanwhile.
    async *entries() {
      let start = ''
      for (;;) {
        const range = db.getRange({ start, end: ledgerKeys, limit: batchAnswers })
        const batch: KnownAnswer[] = [...range].map(({ key, value }) => ({ key, answer: value }))
        if (batch.length > 0) yield batch
        if (batch.length < batchAnswers) return
        start = `${batch.at(-1)!.key}\u0000`
      }
    },
    remove: (keys) =>
      db.transaction(() => {
        const known = new Set(keys.filter((key) => db.doesExist(key)))
        for (const key of known) void db.remove(key)
        return known.size
      }),
    async close() {
      await writes.close()
      await db.close()
    },
  }
}

/** How answers are kept and put, by way of the journal where somebody waits for a place. */
const keeping = (
  db: RootDatabase<TranslateAnswer, string>,
  writes: JournaledWrites,
  store: Store,
): Pick<LocalMemory, 'keep' | 'put'> => {
  /** Answers that are kept, but not in the memory yet. */
  const waiting = new Map<string, Promise<TranslateAnswer>>()
  /** Keeps an entry; the answer that stands when it is stored. */
  const kept = (
    entry: MemoryEntry,
    isToShare: boolean,
  ): { isJournaled: boolean; standing: Promise<TranslateAnswer> } => {
    try {
      return { isJournaled: true, standing: writes.keep(entry, isToShare) }
    } catch {
      // The transaction says why in the memory's own words.
      return { isJournaled: false, standing: writes.write(() => store(entry, isToShare)) }
    }
  }
  const keep = (entry: MemoryEntry, isToShare: boolean): TranslateAnswer | Promise<TranslateAnswer> => {
    const { key, answer, bill } = entry
    const known = db.get(key)
    if (known && !bill) return known
    const { isJournaled, standing } = kept(entry, isToShare)
    if (!isJournaled) return standing
    waiting.set(key, standing)
    const end = () => waiting.delete(key)
    standing.then(end, end)
    return known ?? answer
  }
  return {
    keep: (entries, isToShare = false) => Promise.all(entries.map((entry) => keep(entry, isToShare))),
    async put(entries) {
      // Most have just been kept: what stands of them is known without a look.
      const known = entries.map(({ key, bill }) => (bill ? undefined : (waiting.get(key) ?? db.get(key))))
      if (!known.includes(undefined)) return Promise.all(known as TranslateAnswer[])
      // What is booked counts at once in a budget.
      if (entries.some(({ bill }) => bill)) return Promise.all(entries.map((entry) => kept(entry, false).standing))
      return writes.write(() => entries.map((entry) => store(entry, false)))
    },
  }
}
