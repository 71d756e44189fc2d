import { existsSync } from 'node:fs'
import { open } from 'lmdb'
import { type Account, nothing } from '../translate/ledger.ts'
import { ledgerKeys } from '../translate/lmdb-ledger.ts'
import type { Memory } from '../translate/memory.ts'
import type { TranslateAnswer } from '../translate/translator.ts'

/** A translation memory that is only read, also beside a run. */
export interface StoredAnswers {
  get(key: string): TranslateAnswer | undefined
  /** Looks for these keys where that takes long; `get` has what was found until the next time. */
  load(keys: readonly string[]): Promise<void>
  /** As get, of a key that was not loaded. */
  find(key: string): Promise<TranslateAnswer | undefined>
  /** Answers in the order of their keys, which is as good as a random one. */
  some(most: number): Iterable<TranslateAnswer>
  /** What a translator has spent and may have spent. */
  account(name: string): Pick<Account, 'spent' | 'inDoubt'>
  close(): Promise<void>
}

/** A memory with nothing in it. */
export const noAnswers: StoredAnswers = {
  get: () => undefined,
  load: async () => undefined,
  find: async () => undefined,
  some: () => [],
  account: () => ({ spent: nothing, inDoubt: nothing }),
  close: async () => undefined,
}

/**
 * Opens the memory in a folder; one that is not there is empty. Nothing is written, but it is opened as those do that write: opened for
 * reading only, behind a process that was killed, the next one to open it waits for ever.
 */
export const storedAnswers = (folder: string): StoredAnswers => {
  const path = `${folder}/memory.mdb`
  if (!existsSync(path)) return noAnswers
  const db = open<unknown, string>({ path, encoding: 'msgpack' })
  const get = (key: string) => db.get(key) as TranslateAnswer | undefined
  return {
    get,
    load: noAnswers.load,
    find: async (key) => get(key),
    *some(most) {
      for (const { value } of db.getRange({ end: ledgerKeys, limit: most })) yield value as TranslateAnswer
    },
    account: (name) =>
      (db.get(`${ledgerKeys}account/${name}`) as ReturnType<StoredAnswers['account']> | undefined) ??
      noAnswers.account(name),
    close: () => db.close(),
  }
}

/** The same answers, and those of a shared memory. */
export const withShared = (own: StoredAnswers, shared: Pick<Memory, 'get' | 'close'>): StoredAnswers => {
  let loaded = new Map<string, TranslateAnswer>()
  const get = (key: string) => own.get(key) ?? loaded.get(key)
  return {
    ...own,
    get,
    async load(keys) {
      const missing = keys.filter((key) => own.get(key) === undefined)
      const answers = missing.length > 0 ? await shared.get(missing) : []
      loaded = new Map(missing.flatMap((key, i) => (answers[i] ? [[key, answers[i]]] : [])))
    },
    find: async (key) => get(key) ?? (await shared.get([key]))[0],
    async close() {
      await shared.close()
      await own.close()
    },
  }
}
