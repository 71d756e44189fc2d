import type { Bill } from './ledger.ts'
import type { TranslateAnswer } from './translator.ts'

/** The journal of completed answers. Keys are SHA-256 in hex over the rendered request, sample and attempt. */
export interface Memory {
  get(keys: string[]): Promise<(TranslateAnswer | undefined)[]>
  /** Durable when it resolves; the first answer of a key stays, every bill is booked. Gives, in the same order, the answers that stand. */
  put(entries: MemoryEntry[]): Promise<TranslateAnswer[]>
  count(): number
  close(): Promise<void>
}

/** What is put into the memory. */
export interface MemoryEntry {
  key: string
  answer: TranslateAnswer
  /** What the answer cost, booked with it. */
  bill?: Bill | undefined
}
