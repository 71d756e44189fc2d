/** Where a text stands in another one, in UTF-16 units. */
export interface Span {
  start: number
  length: number
}

/** A piece of a message's content and what takes its place; null leaves the source's own text. */
export interface TranslatedPiece extends Span {
  target: string | null
}

/** A message put together again: its text, and where each piece landed in it, in the order of the pieces. */
export interface Rebuilt {
  text: string
  spans: Span[]
}

/**
 * Puts the pieces of a message together again. Throws a RangeError when the pieces, in their order, do not cover the
 * content from its start to its end without gap or overlap.
 */
export function rebuild(content: string, pieces: TranslatedPiece[]): Rebuilt {
  const texts: string[] = []
  const spans: Span[] = []
  let at = 0
  let landed = 0
  for (const [index, piece] of pieces.entries()) {
    const end = piece.start + piece.length
    if (piece.start !== at || piece.length < 0 || end > content.length) {
      throw new RangeError(
        `rebuilding a message: piece ${index} covers ${piece.start} to ${end}, expected it to start at ${at} and end by ${content.length}`,
      )
    }
    const text = piece.target ?? content.slice(piece.start, end)
    texts.push(text)
    spans.push({ start: landed, length: text.length })
    landed += text.length
    at = end
  }
  if (at !== content.length) {
    throw new RangeError(`rebuilding a message: the pieces end at ${at}, the content at ${content.length}`)
  }
  return { text: texts.join(''), spans }
}
