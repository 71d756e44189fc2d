import type { Kind, PartType } from '../conversation/model.ts'

/** A piece of one part, small enough for a translator; start is a UTF-16 offset in the message's content. */
export interface Piece {
  partIndex: number
  partType: PartType
  kind: Kind
  start: number
  text: string
}

/** Cuts a text so that every piece is within its limits; the pieces, joined, are the text. */
export type Cutter = (text: string) => string[]

/** Counts the tokens of a text; linear in its length. */
export type TokenCounter = (text: string) => number
