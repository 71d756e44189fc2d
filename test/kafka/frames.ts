/** Cuts a stream of bytes into the messages of Kafka's protocol: four bytes of length, big-endian, and as many bytes; all are handed on. */
export const frames = (onFrame: (frame: Buffer) => void): ((piece: Buffer) => void) => {
  let pieces: Buffer[] = []
  let held = 0
  let wanted = 4
  return (piece) => {
    pieces.push(piece)
    held += piece.length
    while (held >= wanted) {
      const bytes = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)
      pieces = [bytes]
      wanted = 4 + bytes.readInt32BE(0)
      if (held < wanted) return
      onFrame(bytes.subarray(0, wanted))
      const rest = bytes.subarray(wanted)
      pieces = rest.length > 0 ? [rest] : []
      held = rest.length
      wanted = 4
    }
  }
}
