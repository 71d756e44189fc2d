import { mkdirSync } from 'node:fs'
import { open } from 'lmdb'
import type { Ledger } from './ledger.ts'
import { ledgerKeys, lmdbLedger } from './lmdb-ledger.ts'
import type { ReadableMemory } from './memory-transfer.ts'
import type { TranslateAnswer } from './translator.ts'

/** A memory with the ledger beside it, whose answers can be read in turn and forgotten. */
export interface LocalMemory extends ReadableMemory {
  ledger: Ledger
  /** Forgets answers; what they cost stays booked. */
  remove(keys: readonly string[]): Promise<void>
}

/** The translation memory on local disk with its ledger: one LMDB file; what is put is on disk when it resolves. */
export const lmdbMemory = (options: { folder: string }): LocalMemory => {
  mkdirSync(options.folder, { recursive: true })
  const db = open<TranslateAnswer, string>({
    path: `${options.folder}/memory.mdb`,
    encoding: 'msgpack',
    overlappingSync: false,
  })
  const { ledger, settle } = lmdbLedger(db)
  return {
    ledger,
    get: async (keys) => db.getMany(keys) as Promise<(TranslateAnswer | undefined)[]>,
    // The first answer of a key stays: a later one would change what a replay sees. LMDB joins the transactions that come in one
    // turn of the event loop, and while one is written, into one.
    put: (entries) =>
      db.transaction(() =>
        entries.map(({ key, answer, bill }) => {
          if (bill) settle(bill)
          const known = db.get(key)
          if (!known) void db.put(key, answer)
          return known ?? answer
        }),
      ),
    count: () => db.getKeysCount({ end: ledgerKeys }),
    *entries() {
      for (const { key, value } of db.getRange({ end: ledgerKeys })) yield { key: String(key), answer: value }
    },
    async remove(keys) {
      await db.transaction(() => {
        for (const key of keys) void db.remove(key)
      })
    },
    close: () => db.close(),
  }
}
