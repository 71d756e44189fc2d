import { existsSync } from 'node:fs'
import { open } from 'lmdb'
import { type Account, nothing } from '../translate/ledger.ts'
import { ledgerKeys } from '../translate/lmdb-ledger.ts'
import type { Memory } from '../translate/memory.ts'
import type { TranslateAnswer } from '../translate/translator.ts'

/** A translation memory that is only read, also beside a run. */
export interface StoredAnswers {
  get(key: string): TranslateAnswer | undefined
  /** Looks for these keys where that takes long; `get` has what was found, until about 20,000 others were. */
  load(keys: readonly string[]): Promise<void>
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
  return {
    get: (key) => db.get(key) as TranslateAnswer | undefined,
    load: noAnswers.load,
    *some(most) {
      for (const { value } of db.getRange({ end: ledgerKeys, limit: most })) yield value as TranslateAnswer
    },
    account: (name) =>
      (db.get(`${ledgerKeys}account/${name}`) as ReturnType<StoredAnswers['account']> | undefined) ??
      noAnswers.account(name),
    close: () => db.close(),
  }
}

const mostHeld = 20_000

/** The same answers, and those of a shared memory. */
export const withShared = (own: StoredAnswers, shared: Pick<Memory, 'get' | 'close'>): StoredAnswers => {
  const found = new Map<string, TranslateAnswer>()
  return {
    ...own,
    get: (key) => own.get(key) ?? found.get(key),
    async load(keys) {
      if (found.size >= mostHeld) found.clear()
      const missing = keys.filter((key) => !found.has(key) && own.get(key) === undefined)
      if (missing.length === 0) return
      const answers = await shared.get(missing)
      for (const [i, key] of missing.entries()) if (answers[i]) found.set(key, answers[i])
    },
    async close() {
      await shared.close()
      await own.close()
    },
  }
}
