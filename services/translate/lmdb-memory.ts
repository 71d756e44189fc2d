import { mkdirSync } from 'node:fs'
import { open } from 'lmdb'
import type { Memory } from './memory.ts'
import type { TranslateAnswer } from './translator.ts'

/** The translation memory on local disk: one LMDB file; a put is on disk when it resolves. */
export const lmdbMemory = (options: { folder: string }): Memory => {
  mkdirSync(options.folder, { recursive: true })
  const db = open<TranslateAnswer, string>({
    path: `${options.folder}/memory.mdb`,
    encoding: 'msgpack',
    overlappingSync: false,
  })
  // The first answer of a key stays: a later one would change what a replay sees.
  const putFirst = async (key: string, answer: TranslateAnswer): Promise<TranslateAnswer> =>
    (await db.ifNoExists(key, () => void db.put(key, answer))) ? answer : (db.get(key) ?? answer)
  return {
    get: async (keys) => db.getMany(keys) as Promise<(TranslateAnswer | undefined)[]>,
    // LMDB joins puts that come in one turn of the event loop, and while a transaction is written, into one transaction.
    put: (entries) => Promise.all(entries.map(({ key, answer }) => putFirst(key, answer))),
    count: () => db.getCount(),
    close: () => db.close(),
  }
}
