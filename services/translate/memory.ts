import type { TranslateAnswer } from './translator.ts'

/** The journal of completed answers. Keys are SHA-256 in hex over the rendered request, sample and attempt. */
export interface Memory {
  get(keys: string[]): Promise<(TranslateAnswer | undefined)[]>
  /** Durable when it resolves; the first answer of a key stays. Gives, in the same order, the answers that stand. */
  put(entries: { key: string; answer: TranslateAnswer }[]): Promise<TranslateAnswer[]>
  count(): number
  close(): Promise<void>
}
