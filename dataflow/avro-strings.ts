import { isAscii, isUtf8, transcode } from 'node:buffer'
import { createRequire } from 'node:module'
import { unitAt } from '../core/unit-at.ts'

/** Node's own methods of a buffer: `toString` and `write` take as long to find them as a short text takes. */
type Slices = Buffer & {
  utf8Slice(start: number, end: number): string
  latin1Slice(start: number, end: number): string
  utf8Write(text: string, start: number): number
}

/** The part of avsc below its public API that reads and writes strings. The version is pinned; a test goes through it. */
interface Tap {
  buf: Slices
  pos: number
  readLong(): number
  readString(): string
  writeLong(value: number): void
  writeString(text: string): void
}

/** Below it, the calls cost more than they save. */
const shortBytes = 128
const shortChars = 32

/**
 * Text of UTF-8 bytes, as Buffer's own decoding gives it, replacement characters included. That takes 5 ns for each byte
 * of text that is not ASCII alone; by way of UTF-16 it takes 1.
 */
export const utf8Text = (buffer: Buffer, start: number, end: number): string => {
  const bytes = buffer as Slices
  if (end - start < shortBytes) return bytes.utf8Slice(start, end)
  const text = bytes.subarray(start, end)
  if (isAscii(text)) return bytes.latin1Slice(start, end)
  return isUtf8(text) ? transcode(text, 'utf8', 'ucs2').toString('ucs2') : bytes.utf8Slice(start, end)
}

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

let isFaster = false

/** Lets avsc read strings by utf8Text, and write them without counting their bytes first, which takes as long as writing them. */
export const stringsFaster = (): void => {
  if (isFaster) return
  isFaster = true
  const { Tap } = createRequire(import.meta.url)('avsc/lib/utils.js') as { Tap: { prototype: Tap } }
  const { writeString } = Tap.prototype
  Tap.prototype.writeString = function (text) {
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
  Tap.prototype.readString = function () {
    const length = this.readLong()
    const start = this.pos
    // A place behind the end is how a tap says that its bytes do not fit.
    this.pos = length < 0 ? this.buf.length + 1 : start + length
    return this.pos > this.buf.length ? '' : utf8Text(this.buf, start, this.pos)
  }
}
