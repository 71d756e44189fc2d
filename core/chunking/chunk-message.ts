import type { Kind, Part, Turn } from '../conversation/model.ts'
import { hasLetter, parseMessage } from '../conversation/parse-message.ts'
import type { Cutter, Piece } from './chunk.ts'

/** Raised when the same message gives other pieces; part of the settings hash. */
export const chunkVersion = 1

/**
 * Cuts a message into pieces whose texts, joined, are its content. A keep part is one piece, however long; a piece
 * without a letter is kept. A message with content "" is one keep piece with text "".
 */
export function chunkMessage(turn: Turn, cut: Cutter): Piece[] {
  const pieces: Piece[] = []
  let start = 0
  for (const [partIndex, part] of parseMessage(turn.role, turn.content).entries()) {
    for (const text of part.kind === 'keep' ? [part.text] : cut(part.text)) {
      pieces.push({ partIndex, partType: part.type, kind: pieceKind(part, text), start, text })
      start += text.length
    }
  }
  return pieces
}

function pieceKind(part: Part, text: string): Kind {
  return part.kind === 'translate' && hasLetter(text) ? 'translate' : 'keep'
}
