import type { TokenCounter } from '../../../core/chunking/chunk.ts'

/** Counts pieces of words of up to six letters, groups of three digits and other signs, much as real tokenizers do. */
export const countWords: TokenCounter = (text) => text.match(/[A-Za-z]{1,6}|\d{1,3}|[^\sA-Za-z\d]/g)?.length ?? 0

/** Counts code points. */
export const countCodePoints: TokenCounter = (text) => {
  let count = 0
  for (const _ of text) count++
  return count
}

/** Counts UTF-8 bytes. */
export const countBytes: TokenCounter = (text) => Buffer.byteLength(text)
