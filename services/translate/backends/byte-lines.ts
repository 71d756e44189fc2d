/**
 * Takes pieces of UTF-8 and tells every line without its line feed, and nothing else for a line break: U+2028 is text. A line of more
 * than `most` bytes is told as an empty one.
 */
export const byteLines = (onLine: (line: string) => void, most: number): ((piece: Buffer) => void) => {
  let pieces: Buffer[] = []
  let length = 0
  const keep = (piece: Buffer) => {
    length += piece.length
    if (length > most) pieces = []
    else if (piece.length > 0) pieces.push(piece)
  }
  return (piece) => {
    let from = 0
    for (let end = piece.indexOf(10); end >= 0; end = piece.indexOf(10, from)) {
      keep(piece.subarray(from, end))
      const line = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)
      from = end + 1
      pieces = []
      length = 0
      onLine(line.toString())
    }
    keep(piece.subarray(from))
  }
}
