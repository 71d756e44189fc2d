const newline = 0x0a
const carriageReturn = 0x0d
const keptBytes = 64 * 1024

/** A line of a file: its bytes without its ending, and where it stands. */
export interface Line {
  /** Of a line above the limit only the first 64 KiB. */
  bytes: Buffer
  /** Bytes that the line has. */
  length: number
  /** One-based. */
  line: number
  byteStart: number
  byteEnd: number
  /** First byte behind the line's ending. */
  next: number
}

/** Cuts pieces of a file into lines. `push` gives the lines that a piece ends, `rest` the unfinished last one. */
export interface LineSplitter {
  push(piece: Buffer): Generator<Line>
  rest(): Line
}

/** A splitter that starts at a byte and a line number; of a line above `maxBytes` only the beginning is held. */
export const lineSplitter = (start: { byte: number; line: number }, maxBytes: number): LineSplitter => {
  let held: Buffer[] = []
  let length = 0
  let byteStart = start.byte
  let line = start.line
  let lastByte = 0

  const hold = (piece: Buffer) => {
    if (piece.length === 0) return
    length += piece.length
    lastByte = piece[piece.length - 1]!
    // One byte more than the limit: it may be the carriage return of the ending.
    if (length <= maxBytes + 1) held.push(Buffer.from(piece))
    else held = [Buffer.concat([...held, piece.subarray(0, keptBytes)]).subarray(0, keptBytes)]
  }
  const current = (ending: number): Line => {
    const bare = ending > 0 && lastByte === carriageReturn && length > 0 ? length - 1 : length
    const bytes = held.length === 1 ? held[0]! : Buffer.concat(held)
    const next = byteStart + length + ending
    return { bytes: bytes.subarray(0, bare), length: bare, line, byteStart, byteEnd: byteStart + bare, next }
  }
  return {
    *push(piece) {
      let at = 0
      for (let end = piece.indexOf(newline); end >= 0; end = piece.indexOf(newline, at)) {
        hold(piece.subarray(at, end))
        at = end + 1
        const done = current(1)
        held = []
        length = 0
        byteStart = done.next
        line++
        yield done
      }
      hold(piece.subarray(at))
    },
    rest: () => current(0),
  }
}
