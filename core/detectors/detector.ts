import type { TextKind } from './text-kind.ts'

/** A source text, what a translator answered, and what is known about the call. */
export interface Pair {
  source: string
  target: string
  /** As the server says it; '' where it says nothing. */
  finishReason: string
  kind: TextKind
  /** The instructions of the prompt, without the text; for `prompt_leak`. */
  promptText?: string | undefined
}

/** What a detector found; `start` and `end` are UTF-16 units of the target. */
export interface Finding {
  reason: string
  start?: number
  end?: number
  /** The measure that was too high or too low. */
  value?: number
}

/** Looks for one fault of an answer. Pure, and linear in the lengths of the pair's texts. */
export interface Detector {
  /** snake_case; becomes a column, and the reason of a failed chunk. */
  reason: string
  /** Raised when results change; part of fingerprints. */
  version: number
  find(pair: Pair): Finding | undefined
}
