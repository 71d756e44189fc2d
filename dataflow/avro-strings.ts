import avro from 'avsc'
import { unitAt } from '../core/unit-at.ts'
import { repeatedText, type Slices } from './utf8-text.ts'

/** The part of avsc below its public API that reads and writes strings. The version is pinned; a test goes through it. */
interface Tap {
  buf: Slices & { utf8Write(text: string, start: number): number }
  pos: number
  readLong(): number
  readString(): string
  writeLong(value: number): void
  writeString(text: string): void
}

/** Below it, a call of Buffer's costs more than it saves. */
const shortChars = 32

/** Bytes that a length takes before its text. */
const lengthBytes = (length: number): number =>
  length < 64 ? 1 : length < 8192 ? 2 : length < 2 ** 20 ? 3 : length < 2 ** 27 ? 4 : 5

/** Writes the length and units of a short text of ASCII; -1 when it is none. */
const writeAscii = (bytes: Uint8Array, start: number, text: string): number => {
  const { length } = text
  for (let i = 0; i < length; i++) {
    const unit = unitAt(text, i)
    if (unit > 0x7f) return -1
    bytes[start + 1 + i] = unit
  }
  bytes[start] = 2 * length
  return start + 1 + length
}

/** The prototype of avsc's taps, of the very copy of avsc that is used here: a compiled program has one of its own. */
const tapOfAvsc = (): Tap => {
  let prototype: Tap | undefined
  const string = Object.assign(Object.create(avro.Type.forSchema('string')) as avro.Type, {
    _write(tap: Tap) {
      prototype = Object.getPrototypeOf(tap) as Tap
    },
  })
  string.encode('', Buffer.alloc(1))
  return prototype!
}

let isFaster = false

/** Lets avsc read strings by repeatedText, and write them without counting their bytes first, which takes as long as writing them. */
export const stringsFaster = (): void => {
  if (isFaster) return
  isFaster = true
  const tap = tapOfAvsc()
  const { writeString } = tap
  tap.writeString = function (text) {
    const chars = text.length
    // Three bytes a UTF-16 unit are the most.
    if (this.pos + 5 + 3 * chars > this.buf.length) return writeString.call(this, text)
    if (chars < shortChars) {
      const end = writeAscii(this.buf, this.pos, text)
      if (end === -1) return writeString.call(this, text)
      this.pos = end
      return
    }
    const start = this.pos + lengthBytes(chars)
    const length = this.buf.utf8Write(text, start)
    const from = this.pos + lengthBytes(length)
    if (from !== start) this.buf.copyWithin(from, start, start + length)
    this.writeLong(length)
    this.pos = from + length
  }
  tap.readString = function () {
    const length = this.readLong()
    const start = this.pos
    // A place behind the end is how a tap says that its bytes do not fit.
    this.pos = length < 0 ? this.buf.length + 1 : start + length
    return this.pos > this.buf.length ? '' : repeatedText(this.buf, start, this.pos)
  }
}
