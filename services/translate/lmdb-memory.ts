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
  return {
    get: async (keys) => db.getMany(keys) as Promise<(TranslateAnswer | undefined)[]>,
    async put(entries) {
      // The first answer of a key stays: a later one would change what a replay sees.
      await Promise.all(entries.map(({ key, answer }) => db.ifNoExists(key, () => void db.put(key, answer))))
    },
    count: () => db.getCount(),
    close: () => db.close(),
  }
}
