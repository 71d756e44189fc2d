import { mkdirSync } from 'node:fs'
import { open } from 'lmdb'
import type { Ledger } from './ledger.ts'
import { ledgerKeys, lmdbLedger } from './lmdb-ledger.ts'
import type { Memory } from './memory.ts'
import type { TranslateAnswer } from './translator.ts'

/** The translation memory on local disk with its ledger: one LMDB file; what is put is on disk when it resolves. */
export const lmdbMemory = (options: { folder: string }): Memory & { ledger: Ledger } => {
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
    close: () => db.close(),
  }
}
