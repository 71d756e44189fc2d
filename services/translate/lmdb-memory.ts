import { mkdirSync, statSync } from 'node:fs'
import { open } from 'lmdb'
import type { Ledger } from './ledger.ts'
import { ledgerKeys, lmdbLedger } from './lmdb-ledger.ts'
import { lmdbOutbox, type Outbox } from './lmdb-outbox.ts'
import { lmdbTurns } from './lmdb-turns.ts'
import type { KnownAnswer, Memory } from './memory.ts'
import type { TranslateAnswer } from './translator.ts'

/** The memory of this machine, with the ledger of what its answers cost. */
export interface LocalMemory extends Memory {
  ledger: Ledger
  outbox: Outbox
  /** As put, but on this machine alone: a put later gives the answer to others. */
  keep: Memory['put']
  /** Bytes on disk. */
  bytes(): number
}

const batchAnswers = 1000

/**
 * The translation memory on local disk with its ledger: one LMDB file. What is put outlives the process when it resolves; its flush to
 * the disk comes behind, so that calls do not keep their places for it.
 */
export const lmdbMemory = (options: { folder: string }): LocalMemory => {
  mkdirSync(options.folder, { recursive: true })
  const path = `${options.folder}/memory.mdb`
  const db = open<TranslateAnswer, string>({ path, encoding: 'msgpack' })
  const { ledger, settle } = lmdbLedger(db)
  // The first answer of a key stays: a later one would change what a replay sees.
  const turns = lmdbTurns(db)
  const write: Memory['put'] = (entries) =>
    turns.write(() =>
      entries.map(({ key, answer, bill }) => {
        if (bill) settle(bill)
        const known = db.get(key)
        if (!known) void db.put(key, answer)
        return known ?? answer
      }),
    )
  return {
    ledger,
    outbox: lmdbOutbox(db, settle),
    bytes: () => statSync(path).size,
    // Pages that are in memory are read faster than a thread is asked for them.
    get: async (keys) => keys.map((key) => db.get(key)),
    keep: write,
    put: async (entries) => {
      const known = entries.map(({ key, bill }) => (bill ? undefined : db.get(key)))
      return known.every((answer) => answer !== undefined) ? known : write(entries)
    },
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
      await turns.close()
      await db.close()
    },
  }
}
