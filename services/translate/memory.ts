import type { Bill } from './ledger.ts'
import type { TranslateAnswer } from './translator.ts'

/**
 * The journal of completed answers. Keys are SHA-256 in hex over the rendered request, sample and attempt. Its adapters hold
 * the same contract (`test/contract/memory.ts`): LMDB, a shared ClickHouse table, and the one before the other.
 */
export interface Memory {
  get(keys: string[]): Promise<(TranslateAnswer | undefined)[]>
  /** Outlives the process when it resolves; the first answer of a key stays, every bill is booked. Gives, in the same order, the answers that stand. */
  put(entries: MemoryEntry[]): Promise<TranslateAnswer[]>
  count(): Promise<number>
  /** All answers in the order of their keys, batch by batch, so that reading them holds up nobody who writes. */
  entries(): AsyncIterable<KnownAnswer[]>
  /** Forgets answers and gives how many there were; what was booked stays booked. */
  remove(keys: string[]): Promise<number>
  close(): Promise<void>
}

/** An answer with its key. */
export interface KnownAnswer {
  key: string
  answer: TranslateAnswer
}

/** What is put into the memory. */
export interface MemoryEntry extends KnownAnswer {
  /** What the answer cost, booked with it. */
  bill?: Bill | undefined
}
